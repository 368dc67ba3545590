/** Writes an update with its steps and its audit, before any agent is told of it. */
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import type { By } from '../runs/runs.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { deleteOldUpdates } from './sql/delete-old-updates.ts';
import { insertSteps, type NewStep } from './sql/insert-steps.ts';
import { insertUpdate } from './sql/insert-update.ts';
import type { StepRecord, UpdateRecord } from './update-record.ts';

export interface NewUpdate {
  readonly selector: string | undefined;
  readonly concurrency: number;
  readonly canary: number | undefined;
  readonly maxFailures: number | undefined;
  readonly allowDowngrade: boolean;
  /** Canaries first. */
  readonly vms: readonly VmRecord[];
}

export interface SeenUpdate {
  readonly update: UpdateRecord;
  readonly steps: readonly StepRecord[];
}

const MAX_AUDITED_VMS = 50;

const newStep = ({ id, vmId, vmName }: NewStep, key: number | undefined): StepRecord => {
  if (key === undefined) throw new Error(`step ${id} has no key`);
  return {
    id,
    vmId,
    vmName,
    key,
    state: 'waiting',
    fromVersion: undefined,
    artefact: undefined,
    sha256: undefined,
    startedAt: undefined,
    endedAt: undefined,
    problem: undefined,
  };
};

export const createUpdate = async (
  {
    database,
    now,
    keep,
  }: { readonly database: Database; readonly now: number; readonly keep: number },
  { actor, request }: By,
  given: NewUpdate,
  version: string,
): Promise<SeenUpdate> => {
  const { vms, ...how } = given;
  const update = {
    ...how,
    id: randomUUID(),
    version,
    actor: { kind: actor.kind, name: actor.name },
    createdAt: now,
    state: 'running',
  } as const;
  const planned = vms.map((vm) => ({ id: randomUUID(), vmId: vm.id, vmName: vm.name }));
  return database.transaction(async (transaction) => {
    const key = await insertUpdate(transaction, update);
    const keys = await insertSteps(transaction, key, planned);
    await deleteOldUpdates(transaction, keep);
    const detail = {
      version,
      selector: given.selector ?? null,
      targets: vms.length,
      vms: vms.slice(0, MAX_AUDITED_VMS).map(({ id, name }) => ({ id, name })),
      allow_downgrade: given.allowDowngrade,
    };
    const target = { kind: 'update', id: update.id, name: version };
    await recordAudit(transaction, { actor, action: 'update.create', target, detail, request });
    return {
      update: { ...update, key, reason: undefined, endedAt: undefined },
      steps: planned.map((step) => newStep(step, keys.get(step.id))),
    };
  });
};
