/** How fine what is shown is, how long an answer takes, and the keys. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatSeconds, quantityText } from '../../format/quantity.ts';
import { parseRange } from '../../state/vm-range.ts';
import { spanText } from './moment-text.ts';
import { useVm } from './vm-stores.ts';

export const VmFoot = (): JSX.Element => {
  const { navigation, time } = useApp();
  const { view, live } = useVm();
  const range = parseRange(navigation.place.value.query);
  const stepMs = view.stepMs.value;
  const step = stepMs < 1000 ? `${stepMs} ms` : formatDuration(stepMs / 1000);
  const { value: reading } = live.reading;
  const pull = reading?.origin === 'guest' ? reading.pull_seconds : null;
  return (
    <footer class="foot">
      {range.kind === 'fixed' ? (
        <span title={`${time.full(range.from)} to ${time.full(range.to)}`}>
          <b>{spanText(time, range)}</b>
        </span>
      ) : null}
      <span>
        a point each <b>{step}</b>
      </span>
      <span>
        agent answers in <b>{quantityText(formatSeconds(pull))}</b>
      </span>
      <span class="foot-keys">
        drag to zoom <kbd>Esc</kbd> back to live <kbd>[</kbd>
        <kbd>]</kbd> range <kbd>Space</kbd> pause
      </span>
    </footer>
  );
};
