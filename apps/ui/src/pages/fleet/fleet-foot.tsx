/** How fresh all of this is. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatCount } from '../../format/count.ts';
import { formatAge } from '../../format/duration.ts';

export const FleetFoot = (): JSX.Element => {
  const { fleet, ticker } = useApp();
  void fleet.tick.value;
  const vms = fleet.all();
  const reporting = vms.filter(({ row }) => row !== undefined && row.origin !== 'none').length;
  const received = fleet.receivedAt.value;
  return (
    <footer class="foot">
      <span>
        <b>{formatCount(reporting)}</b> of {formatCount(vms.length)} reporting
      </span>
      <span>
        updated{' '}
        <b>
          {received === undefined ? 'never' : formatAge(Math.max(0, ticker.now.value - received))}
        </b>
      </span>
      <span class="foot-keys">
        <kbd>j</kbd>
        <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>x</kbd> select <kbd>?</kbd> all keys
      </span>
    </footer>
  );
};
