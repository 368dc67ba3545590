/** What became of a command, in words. */
import type { Run, RunEvent, RunExecution, RunReason, RunSummary } from '@innkeeper/protocol';
import { formatCount } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatBytes, quantityText } from '../format/quantity.ts';

/** How it looks: by shape and colour. */
export type MarkKind = 'waiting' | 'active' | 'paused' | 'good' | 'bad' | 'unsure' | 'off';

export const markOf = ({
  state,
  exit_code: code,
  overdue_since: overdue,
}: RunExecution): MarkKind => {
  switch (state) {
    case 'queued':
      return 'waiting';
    case 'starting':
      return 'active';
    case 'running':
      return overdue === null ? 'active' : 'unsure';
    case 'exited':
      return code === 0 ? 'good' : 'bad';
    case 'refused':
    case 'unreachable':
      return 'bad';
    case 'cancelled':
      return 'off';
    case 'lost':
      return 'unsure';
    default:
      return state satisfies never;
  }
};

/** `timeoutSeconds`: when its agent ends it, where it is known. */
export const endWords = (
  execution: Pick<RunExecution, 'exit_code' | 'signal' | 'timed_out' | 'stop_requested_at'>,
  timeoutSeconds?: number,
): string => {
  const { exit_code: code, signal, timed_out: timedOut, stop_requested_at: stopped } = execution;
  const how = signal === null ? `exit code ${code ?? 'unknown'}` : `ended by ${signal}`;
  if (timedOut) {
    const after = timeoutSeconds === undefined ? '' : ` after ${formatDuration(timeoutSeconds)}`;
    return `timed out${after}, ${how}`;
  }
  if (stopped !== null) return `stopped, ${how}`;
  return how;
};

const runningWords = ({ overdue_since: overdue, left_at: left }: RunExecution): string => {
  if (overdue !== null) return 'running past its timeout';
  return left === null ? 'running' : 'running, left alone';
};

export const executionWords = (execution: RunExecution, timeoutSeconds?: number): string => {
  const { state, problem, stop_requested_at: stopped } = execution;
  const why = problem === null ? '' : `: ${problem.message}`;
  switch (state) {
    case 'queued':
      return `waiting${why}`;
    case 'starting':
      return 'starting';
    case 'running':
      return stopped === null ? runningWords(execution) : 'stopping';
    case 'exited':
      return endWords(execution, timeoutSeconds);
    case 'refused':
      return `refused by the agent${why}`;
    case 'unreachable':
      return `not reached${why}`;
    case 'cancelled':
      return 'cancelled before it began';
    case 'lost':
      return `lost, nobody knows how it ended${why}`;
    default:
      return state satisfies never;
  }
};

type DroppedEvent = Extract<RunEvent, { kind: 'dropped' }>;

export const droppedWords = ({ reason, count }: DroppedEvent): string =>
  reason === 'limit'
    ? 'The limit of output is reached: the command goes on, and what it prints from here is not kept.'
    : `${formatCount(count ?? 1)} pieces of output were lost here: the agent could not keep them.`;

export const skippedWords = (count: number): string =>
  `${formatCount(count)} events are left out here, this page was too far behind: the download has all.`;

/** What of its output is missing, or undefined. */
export const missingWords = ({ dropped_bytes: bytes }: RunExecution): string | undefined =>
  bytes === 0 ? undefined : `${quantityText(formatBytes(bytes))} of output were not kept`;

const REASONS = {
  requested: 'on request',
  canary_failed: 'since one of the first VMs has failed',
  max_failures: 'since too many have failed',
} as const satisfies Readonly<Record<RunReason, string>>;

export const runMark = ({ state, counts }: Pick<RunSummary, 'state' | 'counts'>): MarkKind => {
  if (state === 'running' || state === 'stopping') return 'active';
  if (state === 'paused') return 'paused';
  if (counts.failed > 0) return 'bad';
  return counts.cancelled > 0 ? 'off' : 'good';
};

/** `finished`, `paused since one of the first VMs has failed`. */
export const runWords = ({ state, reason }: Pick<RunSummary, 'state' | 'reason'>): string =>
  reason === null || state === 'running' ? state : `${state} ${REASONS[reason]}`;

/** `48 succeeded, 2 failed of 50`; of one: what it did. */
export const countWords = ({ counts }: Pick<RunSummary, 'counts'>): string => {
  const { total, succeeded, failed, active, queued, cancelled } = counts;
  const parts = [
    [succeeded, 'succeeded'],
    [failed, 'failed'],
    [active, 'running'],
    [queued, 'waiting'],
    [cancelled, 'cancelled'],
  ] as const;
  const some = parts.flatMap(([count, word]) =>
    count === 0 ? [] : [total === 1 ? word : `${formatCount(count)} ${word}`],
  );
  return total === 1 ? some.join(', ') : `${some.join(', ')} of ${formatCount(total)}`;
};

/** What was run, as somebody would have typed it. */
export const commandText = ({ argv, script }: NonNullable<Run['what']>): string =>
  script ??
  (argv ?? []).map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : quoted(word))).join(' ');

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

export const NO_OUTPUT =
  'You are signed in as a viewer: you see that a command was run, by whom and how it ended. What was run, and what it printed, is for operators.';
