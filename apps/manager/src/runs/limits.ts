/** What runs may cost the manager and its database. Whatever is left out for a limit is counted. */

export interface RunLimits {
  /** Executions at once, of all runs together; each holds a connection. */
  readonly maxExecuting: number;
  /** Runs that are not over. */
  readonly maxActiveRuns: number;
  /** Where a run asks for nothing else. */
  readonly defaultTimeoutSeconds: number;
  readonly defaultOutputBytes: number;
  /** To connect and get the head of the answer. */
  readonly openMs: number;
  /** Two heartbeats of the agent, and then some. */
  readonly silenceMs: number;
  /** Of one event: the agent reads 64 KB at a time, and JSON may write each byte as six. */
  readonly maxEventBytes: number;
  /** The first wait after a connection was lost; each further one is twice as long. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** Between two tokens for an agent that takes none: they are dated by the second. */
  readonly newTokenMs: number;
  /** An agent that could not be reached for so long is given up, and its execution is lost. */
  readonly lostAfterMs: number;
  /** How long an agent that has too much to do is asked again. */
  readonly busyMs: number;
  /** After its timeout, or after it was told to stop, a command has so long to say that it ended. */
  readonly overdueMs: number;
  /** Waiting to be written, of all runs; beyond it agents are not read. */
  readonly pendingBytes: number;
  /** Of one transaction. */
  readonly batchEvents: number;
  readonly batchBytes: number;
  /** After a batch that Postgres did not take. */
  readonly writeRetryMs: number;
  readonly maxWriteRetryMs: number;
  /** Files of one VM; the oldest go first. */
  readonly filesPerVm: number;
  /** Of each output so much is compared for the groups of a run. */
  readonly comparedBytes: number;
  readonly maxGroups: number;
  readonly sampleCharacters: number;
  readonly diffLines: number;
  /** Lines on each side of a difference; its square is what a comparison costs. */
  readonly diffComparedLines: number;
}

export const RUN_LIMITS: RunLimits = {
  maxExecuting: 1_000,
  maxActiveRuns: 1_000,
  defaultTimeoutSeconds: 60,
  defaultOutputBytes: 10 * 1024 * 1024,
  openMs: 10_000,
  silenceMs: 40_000,
  maxEventBytes: 1024 * 1024,
  retryMs: 250,
  maxRetryMs: 15_000,
  newTokenMs: 1_000,
  lostAfterMs: 15 * 60_000,
  busyMs: 60_000,
  overdueMs: 60_000,
  pendingBytes: 32 * 1024 * 1024,
  batchEvents: 2_000,
  batchBytes: 4 * 1024 * 1024,
  writeRetryMs: 200,
  maxWriteRetryMs: 5_000,
  filesPerVm: 200,
  comparedBytes: 1024 * 1024,
  maxGroups: 50,
  sampleCharacters: 16 * 1024,
  diffLines: 200,
  diffComparedLines: 1_000,
};
