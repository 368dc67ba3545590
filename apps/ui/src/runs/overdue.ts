/** When a command's time is over, and what is said about it before and after. */
import type { Run, RunExecution } from '@innkeeper/protocol';
import { formatDuration } from '../format/duration.ts';

/** From here on it is said. */
const SOON_SECONDS = 60;

type Times = Pick<Run, 'timeout_seconds' | 'on_timeout' | 'limit_seconds'>;

/** How long it has been allowed to run until now. */
const allowedSeconds = (
  { timeout_seconds: seconds }: Pick<Run, 'timeout_seconds'>,
  { started_at: startedAt, extended_until: until }: RunExecution,
): number => (until === null || startedAt === null ? seconds : (until - startedAt) / 1000);

/** `This has run longer than 60s.`; undefined: it has not, or somebody has said what becomes of it. */
export const overdueWords = (
  run: Pick<Run, 'timeout_seconds'>,
  execution: RunExecution,
): string | undefined =>
  execution.overdue_since === null || execution.ended_at !== null
    ? undefined
    : `This has run longer than ${formatDuration(allowedSeconds(run, execution))}.`;

/** Undefined: there is nothing to say, or not yet. */
export const timeLeftWords = (
  run: Times,
  execution: RunExecution,
  now: number,
): string | undefined => {
  const { started_at: startedAt, ended_at: endedAt, state } = execution;
  if (startedAt === null || endedAt !== null || state !== 'running') return undefined;
  const { timeout_seconds: timeout, limit_seconds: limit, on_timeout: onTimeout } = run;
  const past = (now - startedAt) / 1000;
  const isSoon = (left: number, whole: number): boolean =>
    left <= Math.max(SOON_SECONDS, whole / 10);
  const beforeLimit = limit - past;
  // The limit of one that is asked about is a day, of which a tenth would be long before.
  if (limit > 0 && isSoon(beforeLimit, onTimeout === 'ask' ? 0 : limit)) {
    if (beforeLimit <= 0) return 'timeout';
    return `is ended in ${formatDuration(Math.ceil(beforeLimit))}, at its timeout`;
  }
  const { overdue_since: overdue, left_at: leftAt, stop_requested_at: stopped } = execution;
  const isAsked = overdue === null && leftAt === null && stopped === null;
  if (onTimeout === 'kill' || !isAsked) return undefined;
  const left = allowedSeconds(run, execution) - past;
  if (!isSoon(left, timeout) || left <= 0) return undefined;
  return `past its timeout in ${formatDuration(Math.ceil(left))}`;
};
