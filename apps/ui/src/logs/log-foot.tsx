/** How the view stands: its connection, how much it has, how fast that grows, what is missing. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { isEverything } from './row-index.ts';
import { useLogModel } from './log-model.ts';
import { countText, statusWords } from './log-words.ts';

const rateText = (rate: number): string =>
  rate === 0 || rate >= 9.95 ? formatCount(Math.round(rate)) : rate.toFixed(1);

const State = (): JSX.Element => {
  const { connection, ticker } = useApp();
  const { view } = useLogModel();
  const { kind } = connection.state.value;
  const words = view.statuses.value.map((status) => statusWords(status, ticker.now.value));
  const worst =
    (['ended', 'lost', 'connecting'] as const)
      .map((state) => words.find((word) => word.state === state))
      .find((word) => word !== undefined) ?? words[0];
  const shown =
    view.moment !== undefined
      ? { state: 'connecting' as const, short: 'In the past' }
      : kind === 'live' || kind === 'connecting'
        ? (worst ?? { state: 'connecting' as const, short: 'Connecting' })
        : { state: kind, short: kind === 'lost' ? 'Offline' : 'Signed out' };
  const live = words.filter(({ state }) => state === 'live').length;
  return (
    <span class="live-mark">
      <span class="live-dot" data-state={shown.state} aria-hidden="true" />
      {shown.short}
      {words.length > 1 && view.moment === undefined ? ` ${live} of ${words.length}` : ''}
    </span>
  );
};

export const LogFoot = (): JSX.Element => {
  const { view, said } = useLogModel();
  const { ticker } = useApp();
  void ticker.now.value;
  void view.slowTick.value;
  const { counts } = view.rows;
  const { count, isExact } = view.dropped.value;
  const { index } = view.rows;
  // Counted only where something may be left out: thousands of lines, four times a second.
  const shown = isEverything(index.wanted) ? counts.lines : index.lines();
  return (
    <footer class="foot log-foot">
      <State />
      {shown === counts.lines ? null : (
        <span>
          <b>{formatCount(shown)}</b> shown
        </span>
      )}
      <span>
        <b>{formatCount(counts.lines)}</b> of {formatCount(view.rows.limit())} lines kept
      </span>
      <span>
        <b>{rateText(view.linesPerSecond())}</b> lines/s
      </span>
      <span
        data-lost={count > 0 || !isExact}
        title={isExact ? undefined : 'of some it is not known how many they were'}
      >
        <b>
          {isExact ? '' : '≥ '}
          {formatCount(count)}
        </b>{' '}
        dropped
      </span>
      <span class="foot-keys">
        <kbd>/</kbd> search <kbd>n</kbd>
        <kbd>N</kbd> next match <kbd>j</kbd>
        <kbd>k</kbd> line <kbd>Space</kbd> pause <kbd>G</kbd> jump to live
      </span>
      <span class="visually-hidden" role="status">
        {said.value}
      </span>
    </footer>
  );
};

export const summaryText = (lines: number, errors: number): string =>
  `${countText(lines, 'new line')}${errors > 0 ? `, ${countText(errors, 'error')}` : ''}`;
