/** Records of runs, with what a test leaves out made up. */
import { idOf } from '../../../../../test/support/registry-fixtures.ts';
import type { ExecutionRecord, RunRecord } from '../run-record.ts';

export const makeRun = (number: number, fields: Partial<RunRecord> = {}): RunRecord => ({
  key: number,
  id: idOf(2_000_000 + number),
  name: `run ${number}`,
  request: { argv: ['true'], timeout_seconds: 60, max_output_bytes: 1_000 },
  commandId: undefined,
  retryOf: undefined,
  selector: undefined,
  concurrency: 10,
  canary: undefined,
  maxFailures: undefined,
  waitUntil: undefined,
  actor: { kind: 'token', id: undefined, name: 'olivia' },
  remoteAddress: undefined,
  createdAt: 1_700_000_000_000,
  state: 'running',
  reason: undefined,
  endedAt: undefined,
  ...fields,
});

export const makeExecution = (
  number: number,
  fields: Partial<ExecutionRecord> = {},
): ExecutionRecord => ({
  key: number,
  id: idOf(3_000_000 + number),
  runKey: 1,
  vmId: idOf(number),
  vmName: `vm-${number}`,
  state: 'queued',
  sends: 0,
  signedAt: undefined,
  startedAt: undefined,
  endedAt: undefined,
  stopRequestedAt: undefined,
  exitCode: undefined,
  signal: undefined,
  timedOut: false,
  durationSeconds: undefined,
  lastEventId: 0,
  outputBytes: 0,
  droppedBytes: 0,
  storedBytes: 0,
  progress: undefined,
  problem: undefined,
  ...fields,
});
