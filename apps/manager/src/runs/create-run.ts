/** Writes a run with its executions and its audit, before anything of it is sent. */
import { randomUUID } from 'node:crypto';
import type { ExecRequest } from '@innkeeper/protocol';
import { recordAudit } from '../audit/audit.ts';
import type { Database, Queryable } from '../database/database.ts';
import { printable } from '../pull/failure.ts';
import type { ChangedBy } from '../vms/outcome.ts';
import type { ExecutionRecord, RunRecord } from './run-record.ts';
import { insertExecutions } from './sql/insert-executions.ts';
import { insertRun } from './sql/insert-run.ts';

export interface NewRun {
  readonly name: string;
  readonly request: ExecRequest;
  readonly askAfterSeconds: number | undefined;
  readonly commandId: string | undefined;
  readonly retryOf: string | undefined;
  readonly selector: string | undefined;
  readonly concurrency: number;
  readonly canary: number | undefined;
  readonly maxFailures: number | undefined;
  readonly waitMs: number | undefined;
  readonly vms: readonly { readonly id: string; readonly name: string }[];
  /** In the same transaction. */
  readonly also?: (
    transaction: Queryable,
    run: { readonly id: string; readonly executionIds: readonly string[] },
  ) => Promise<void>;
}

const MAX_AUDITED_COMMAND = 1_000;
const MAX_AUDITED_VMS = 50;

/** Neither input nor environment: secrets are in them. */
const auditOf = (run: NewRun) => {
  const { request } = run;
  const text = 'script' in request ? request.script : JSON.stringify(request.argv);
  return {
    command: printable(text, MAX_AUDITED_COMMAND),
    kind: 'script' in request ? 'script' : 'argv',
    user: request.user ?? null,
    cwd: request.cwd ?? null,
    selector: run.selector ?? null,
    retry_of: run.retryOf ?? null,
    command_id: run.commandId ?? null,
    targets: run.vms.length,
    vms: run.vms.slice(0, MAX_AUDITED_VMS).map(({ id, name }) => ({ id, name })),
  };
};

export const newExecution = (
  ids: Pick<ExecutionRecord, 'id' | 'vmId' | 'vmName' | 'key' | 'runKey'>,
): ExecutionRecord => ({
  ...ids,
  state: 'queued',
  sends: 0,
  signedAt: undefined,
  startedAt: undefined,
  endedAt: undefined,
  stopRequestedAt: undefined,
  overdueSince: undefined,
  extendedUntil: undefined,
  leftAt: undefined,
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
});

export const createRun = async (
  { database, now }: { readonly database: Database; readonly now: number },
  by: ChangedBy,
  given: NewRun,
): Promise<{ readonly run: RunRecord; readonly executions: readonly ExecutionRecord[] }> => {
  const { actor, request } = by;
  const { vms, waitMs, also, ...what } = given;
  const run = {
    ...what,
    id: randomUUID(),
    waitUntil: waitMs === undefined ? undefined : now + waitMs,
    actor:
      actor === undefined
        ? ({ kind: 'system', id: undefined, name: 'manager' } as const)
        : { kind: actor.kind, id: actor.id, name: actor.name },
    remoteAddress: request?.remoteAddress,
    createdAt: now,
    state: 'running',
  } as const;
  const targets = vms.map(({ id, name }) => ({ id: randomUUID(), vmId: id, vmName: name }));
  return database.transaction(async (transaction) => {
    const key = await insertRun(transaction, run);
    const keys = await insertExecutions(transaction, key, targets);
    await also?.(transaction, { id: run.id, executionIds: targets.map(({ id }) => id) });
    const target = { kind: 'run', id: run.id, name: run.name };
    const detail = auditOf(given);
    await recordAudit(transaction, { actor, action: 'run.create', target, detail, request });
    return {
      run: { ...run, key, reason: undefined, endedAt: undefined },
      executions: targets.map(({ id, vmId, vmName }) => {
        const executionKey = keys.get(id);
        if (executionKey === undefined) throw new Error(`execution ${id} has no key`);
        return newExecution({ id, vmId, vmName, key: executionKey, runKey: key });
      }),
    };
  });
};
