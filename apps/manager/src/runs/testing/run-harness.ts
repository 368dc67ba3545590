/** Runs on a real database and over real HTTP, with short waits, and managers that can be killed. */
import { generateKeyPairSync } from 'node:crypto';
import type { Actor } from '../../auth/actor.ts';
import type { Database } from '../../database/database.ts';
import { makeBoundTokenMinter } from '../../keys/bound-token.ts';
import { makeTokenMinter } from '../../keys/token-minter.ts';
import { makeConnectGate } from '../../pull/connect-gate.ts';
import { makeDeadlines } from '../../pull/deadlines.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { NewRun } from '../create-run.ts';
import { makeLogFiles } from '../files/log-files.ts';
import { RUN_LIMITS, type RunLimits } from '../limits.ts';
import { isOver, type ExecutionRecord, type RunRecord } from '../run-record.ts';
import { makeRunWriter, type RunWriter } from '../run-writer.ts';
import { makeRuns, type By, type Runs } from '../runs.ts';
import { getExecutions } from '../sql/get-executions.ts';
import { getRun } from '../sql/get-run.ts';

export interface ManagerOfRuns {
  readonly runs: Runs;
  readonly writer: RunWriter;
  begin(vms: readonly VmRecord[], run?: Partial<NewRun>): Promise<string>;
  /** As the database has it. */
  read(id: string): Promise<{ run: RunRecord; executions: ExecutionRecord[] }>;
  stop(): Promise<void>;
}

const OPERATOR: Actor = {
  kind: 'token',
  id: '00000000-0000-4000-8000-00000000aaaa',
  name: 'olivia',
  role: 'operator',
  scope: undefined,
};
export const BY_OPERATOR: By = {
  actor: OPERATOR,
  request: { requestId: 'request-1', remoteAddress: '192.0.2.7' },
};

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const keys = generateKeyPairSync('ed25519');
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

export const startRuns = (
  database: Database,
  vms: { get(id: string): VmRecord | undefined },
  limits: Partial<RunLimits> = {},
  /** Where log files go. */
  root?: string,
): ManagerOfRuns => {
  const all: RunLimits = { ...RUN_LIMITS, retryMs: 10, maxRetryMs: 50, ...limits };
  const writer = makeRunWriter({ database, limits: all, log: silent });
  const { filesPerVm } = all;
  const files =
    root === undefined ? undefined : makeLogFiles({ database, root, filesPerVm, log: silent });
  const stopListening = writer.onWritten((events) => files?.written(events));
  const deadlines = makeDeadlines({ monotonicMs: clock.monotonicMs });
  const runs = makeRuns({
    agents: {
      mintToken: makeTokenMinter({ signingKey: () => keys.privateKey, clock }),
      mintBoundToken: makeBoundTokenMinter(() => keys.privateKey),
      gate: makeConnectGate({ connecting: 64 }),
      deadlines,
      clock,
      limits: all,
    },
    vms,
    writer,
    database,
    clock,
    limits: all,
    random: () => 0.5,
    onBegun: (run, executions) => files?.follow(run, executions),
    log: silent,
  });
  return {
    runs,
    writer,
    begin: async (targets, run = {}) => {
      const begun = await runs.begin(BY_OPERATOR, {
        name: 'test',
        request: { argv: ['true'], timeout_seconds: 60, max_output_bytes: 1_000_000 },
        askAfterSeconds: undefined,
        commandId: undefined,
        retryOf: undefined,
        selector: undefined,
        concurrency: 50,
        canary: undefined,
        maxFailures: undefined,
        waitMs: undefined,
        vms: targets,
        ...run,
      });
      if (!begun.ok) throw new Error(begun.problem.message);
      return begun.id;
    },
    read: async (id) => {
      const run = await getRun(database, id);
      if (run === undefined) throw new Error(`there is no run ${id}`);
      return { run, executions: await getExecutions(database, run.key) };
    },
    stop: async () => {
      await runs.close();
      await writer.stop(2_000);
      await files?.stop(2_000);
      stopListening();
      deadlines.stop();
    },
  };
};

export const untilOver = async (manager: ManagerOfRuns, id: string) => {
  for (;;) {
    const read = await manager.read(id);
    if (read.run.endedAt !== undefined && read.executions.every(isOver)) return read;
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
};
