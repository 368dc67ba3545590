/** Runs whose events are a list in memory, which a test may make slow, broken or long. */
import type { Actor } from '../../auth/actor.ts';
import { makeRunAccess } from '../../runs/run-access.ts';
import type { ExecutionRecord, RunRecord, StoredEvent } from '../../runs/run-record.ts';
import type { RunSource } from '../../runs/run-source.ts';
import type { VmRecord, Vms } from '../../vms/vm-record.ts';

export interface FakeRuns extends RunSource {
  add(run: RunRecord, executions: readonly ExecutionRecord[]): void;
  write(...events: readonly StoredEvent[]): void;
  /** Reads fail from now on, or no longer. */
  breakDown(isBroken: boolean): void;
}

export const makeFakeRuns = (vms: Pick<Vms, 'get'> & { all(): Iterable<VmRecord> }): FakeRuns => {
  const access = makeRunAccess(vms);
  const runs = new Map<string, { run: RunRecord; executions: readonly ExecutionRecord[] }>();
  const events: StoredEvent[] = [];
  const listeners = new Set<(events: readonly StoredEvent[]) => void>();
  let isBroken = false;
  const of = (runKey: number): StoredEvent[] => events.filter((event) => event.runKey === runKey);
  const sizeOf = (all: readonly StoredEvent[]): number =>
    all.reduce((sum, { data }) => sum + data.length, 0);

  return {
    add: (run, executions) => {
      runs.set(run.id, { run, executions });
    },
    write: (...added) => {
      events.push(...added);
      for (const listener of listeners) listener(added);
    },
    breakDown: (is) => {
      isBroken = is;
    },
    find: async (actor: Actor, id: string) => {
      const known = runs.get(id);
      const executions =
        known?.executions.filter(({ vmId }) => access.may(actor, 'run.read', vmId)) ?? [];
      if (known === undefined || executions.length === 0) {
        const problem = { status: 404, code: 'run_not_found', message: 'there is no run' } as const;
        return { ok: false, problem };
      }
      const hasHidden = executions.length < known.executions.length;
      return { ok: true, value: { run: known.run, executions, hasHidden } };
    },
    may: (actor, action, vmId) => access.may(actor, action, vmId),
    read: async (runKey, after, most) => {
      if (isBroken) throw new Error('the database is away');
      const next = of(runKey)
        .filter(({ seq }) => seq > after)
        .slice(0, most.events);
      while (next.length > 1 && sizeOf(next) > most.bytes) next.pop();
      return next;
    },
    tail: async (runKey, most) => {
      const all = of(runKey);
      const last = all.at(-1)?.seq ?? 0;
      const end = all.slice(-most.events);
      while (end.length > 0 && sizeOf(end) > most.bytes) end.shift();
      return { after: (end[0]?.seq ?? last + 1) - 1, last };
    },
    onWritten: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
