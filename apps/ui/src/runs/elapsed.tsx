/** How long a command has been running, or ran, and how long it still may. */
import type { Run, RunExecution } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSeconds, quantityText } from '../format/quantity.ts';
import type { RunStore } from './run-store.ts';
import { timeLeftWords } from './overdue.ts';

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

/** Whoever watches knows before its agent ends it, or before somebody is asked what becomes of it. */
export const TimeLeft = ({
  store,
  execution,
  run,
}: {
  readonly store: Pick<RunStore, 'managerNow'>;
  readonly execution: RunExecution;
  readonly run: Pick<Run, 'timeout_seconds' | 'on_timeout' | 'limit_seconds'>;
}): JSX.Element | null => {
  const { ticker } = useApp();
  void ticker.now.value;
  const words = timeLeftWords(run, execution, store.managerNow());
  return words === undefined ? null : <span class="run-left">{words}</span>;
};
