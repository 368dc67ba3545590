/** A run and its executions as the manager keeps them in memory until they are over. */
import type {
  ExecRequest,
  ExecutionState,
  Progress,
  RunExecution,
  RunReason,
  RunState,
} from '@innkeeper/protocol';

/** The body of `POST /exec`; its id is that of the execution. */
export type AgentCommand = ExecRequest;

export interface RunRecord {
  readonly key: number;
  readonly id: string;
  readonly name: string;
  readonly request: AgentCommand;
  /** Undefined: its agents end it at its timeout. */
  readonly askAfterSeconds: number | undefined;
  readonly commandId: string | undefined;
  readonly retryOf: string | undefined;
  readonly selector: string | undefined;
  readonly concurrency: number;
  readonly canary: number | undefined;
  readonly maxFailures: number | undefined;
  readonly waitUntil: number | undefined;
  readonly actor: {
    readonly kind: 'token' | 'session' | 'system';
    readonly id: string | undefined;
    readonly name: string;
  };
  readonly remoteAddress: string | undefined;
  readonly createdAt: number;
  state: RunState;
  reason: RunReason | undefined;
  endedAt: number | undefined;
}

export interface ExecutionRecord {
  readonly key: number;
  readonly id: string;
  readonly runKey: number;
  readonly vmId: string;
  readonly vmName: string;
  state: ExecutionState;
  /** Tokens that were made for it: each has an id of its own. */
  sends: number;
  /** Of the last one, in seconds of the agent's clock. */
  signedAt: number | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  stopRequestedAt: number | undefined;
  /** It should be over since then, and nobody has said what becomes of it. */
  overdueSince: number | undefined;
  /** Somebody has: it is asked about again then, or (`leftAt`) not any more. */
  extendedUntil: number | undefined;
  leftAt: number | undefined;
  exitCode: number | undefined;
  signal: string | undefined;
  timedOut: boolean;
  durationSeconds: number | undefined;
  /** Of the agent's events, the last one that was taken. */
  lastEventId: number;
  outputBytes: number;
  droppedBytes: number;
  storedBytes: number;
  progress: Progress | undefined;
  problem: { readonly code: string; readonly message: string } | undefined;
}

export type EventKind = 'stdout' | 'stderr' | 'progress' | 'dropped' | 'execution' | 'run';

/** One row of `run_event`. */
export interface StoredEvent {
  readonly runKey: number;
  readonly seq: number;
  readonly executionKey: number | undefined;
  readonly at: number;
  readonly kind: EventKind;
  readonly data: Buffer;
}

export const isOver = ({ state }: Pick<ExecutionRecord, 'state'>): boolean =>
  state !== 'queued' && state !== 'starting' && state !== 'running';

export const hasSucceeded = ({
  state,
  exitCode,
}: Pick<ExecutionRecord, 'state' | 'exitCode'>): boolean => state === 'exited' && exitCode === 0;

/** What counts for `max_failures`: whatever is over without success, but for what was never begun. */
export const hasFailed = (execution: Pick<ExecutionRecord, 'state' | 'exitCode'>): boolean =>
  isOver(execution) && !hasSucceeded(execution) && execution.state !== 'cancelled';

export const presentExecution = (record: ExecutionRecord): RunExecution => ({
  id: record.id,
  vm_id: record.vmId,
  vm_name: record.vmName,
  state: record.state,
  exit_code: record.exitCode ?? null,
  signal: record.signal ?? null,
  timed_out: record.timedOut,
  started_at: record.startedAt ?? null,
  ended_at: record.endedAt ?? null,
  duration_seconds: record.durationSeconds ?? null,
  stop_requested_at: record.stopRequestedAt ?? null,
  overdue_since: record.overdueSince ?? null,
  extended_until: record.extendedUntil ?? null,
  left_at: record.leftAt ?? null,
  output_bytes: record.outputBytes,
  dropped_bytes: record.droppedBytes,
  progress: record.progress ?? null,
  problem: record.problem ?? null,
});
