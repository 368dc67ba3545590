/** Records of runs, with what a test leaves out made up. */
import { idOf } from '../../../../../test/support/registry-fixtures.ts';
import { newExecution } from '../create-run.ts';
import type { ExecutionRecord, RunRecord } from '../run-record.ts';

export const makeRun = (number: number, fields: Partial<RunRecord> = {}): RunRecord => ({
  key: number,
  id: idOf(2_000_000 + number),
  name: `run ${number}`,
  request: { argv: ['true'], timeout_seconds: 60, max_output_bytes: 1_000 },
  askAfterSeconds: undefined,
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
  ...newExecution({
    key: number,
    id: idOf(3_000_000 + number),
    runKey: 1,
    vmId: idOf(number),
    vmName: `vm-${number}`,
  }),
  ...fields,
});
