/** What happened to a VM, newest first: for the list, and as marks and reasons on the charts. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { VmEvent } from '@innkeeper/protocol';
import type { Api, ApiProblem } from './api.ts';

export interface VmEvents {
  /** Undefined until they are known. */
  readonly events: ReadonlySignal<readonly VmEvent[] | undefined>;
  readonly problem: ReadonlySignal<ApiProblem | undefined>;
  readonly hasMore: ReadonlySignal<boolean>;
  refresh(): Promise<void>;
  more(): Promise<void>;
}

interface Page {
  readonly items: readonly VmEvent[];
  readonly next_cursor: string | null;
}

const PAGE = 200;
const MOST = 5_000;

export const makeVmEvents = (api: Api, vmId: string): VmEvents => {
  const events = signal<readonly VmEvent[] | undefined>(undefined);
  const problem = signal<ApiProblem | undefined>(undefined);
  const hasMore = signal(false);
  const path = `/v1/vms/${encodeURIComponent(vmId)}/events?limit=${PAGE}`;
  let cursor: string | null = null;
  let refreshes = 0;
  return {
    events,
    problem,
    hasMore,
    refresh: async () => {
      refreshes += 1;
      const round = refreshes;
      const result = await api.get<Page>(path);
      // A later question knows more, whichever answer comes first.
      if (round !== refreshes) return;
      problem.value = result.ok ? undefined : result.problem;
      if (!result.ok) return;
      const known = new Set(result.value.items.map(({ id }) => id));
      const older = events.value ?? [];
      const overlaps = older.some(({ id }) => known.has(id));
      // Where the new page does not reach the old ones there would be a hole: begin anew.
      const kept = overlaps ? older.filter(({ id }) => !known.has(id)) : [];
      if (!overlaps) cursor = result.value.next_cursor;
      events.value = [...result.value.items, ...kept];
      hasMore.value = cursor !== null;
    },
    more: async () => {
      if (cursor === null) return;
      const result = await api.get<Page>(`${path}&cursor=${encodeURIComponent(cursor)}`);
      problem.value = result.ok ? undefined : result.problem;
      if (!result.ok) return;
      cursor = result.value.next_cursor;
      const all = [...(events.value ?? []), ...result.value.items];
      events.value = all;
      hasMore.value = cursor !== null && all.length < MOST;
    },
  };
};
