/** How long a command has been running, or ran, and how long it still may. */
import type { RunExecution } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSeconds, quantityText } from '../format/quantity.ts';
import type { RunStore } from './run-store.ts';

const SHORT = 10;

export const durationText = (seconds: number): string =>
  seconds < SHORT ? quantityText(formatSeconds(seconds)) : formatDuration(seconds);

export const Elapsed = ({
  store,
  execution,
}: {
  readonly store: Pick<RunStore, 'managerNow'>;
  readonly execution: RunExecution;
}): JSX.Element | null => {
  const { ticker } = useApp();
  const { started_at: startedAt, ended_at: endedAt, duration_seconds: seconds } = execution;
  if (seconds !== null) return <span class="run-elapsed">{durationText(seconds)}</span>;
  if (startedAt === null || endedAt !== null) return null;
  void ticker.now.value;
  const past = Math.max(0, store.managerNow() - startedAt) / 1000;
  return <span class="run-elapsed">{formatDuration(past)}</span>;
};

/** From here on it is said. */
const SOON_SECONDS = 60;

/** The agent ends it at its timeout: whoever watches knows before. */
export const TimeLeft = ({
  store,
  execution,
  timeoutSeconds,
}: {
  readonly store: Pick<RunStore, 'managerNow'>;
  readonly execution: RunExecution;
  readonly timeoutSeconds: number;
}): JSX.Element | null => {
  const { ticker } = useApp();
  const { started_at: startedAt, ended_at: endedAt, state } = execution;
  if (startedAt === null || endedAt !== null || state !== 'running') return null;
  void ticker.now.value;
  const left = timeoutSeconds - (store.managerNow() - startedAt) / 1000;
  if (left > Math.max(SOON_SECONDS, timeoutSeconds / 10) || timeoutSeconds === 0) return null;
  return (
    <span class="run-left">
      {left > 0 ? `is ended in ${formatDuration(Math.ceil(left))}, at its timeout` : 'timeout'}
    </span>
  );
};
