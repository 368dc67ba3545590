/** Fetches lines of the past into a view, of all of its VMs together, one page at a time. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { LogPages, PageAnswer } from './log-pages.ts';
import type { RowStore } from './row-store.ts';

/** A place in the past that is looked at, instead of what comes. */
export interface Moment {
  readonly at: number;
  readonly cursor: string | undefined;
}

type Direction = 'earlier' | 'later' | 'around';

export interface PageState {
  readonly busy: Direction | undefined;
  readonly problem: string | undefined;
  /** Why the lines are kept ones and not the agent's. */
  readonly kept: string | undefined;
  readonly hasEarlier: boolean;
  readonly hasLater: boolean;
}

export interface PageLoader {
  readonly state: ReadonlySignal<PageState>;
  earlier(): Promise<void>;
  later(): Promise<void>;
  around(moment: Moment): Promise<void>;
}

export interface PageLoaderDependencies {
  readonly vmIds: readonly string[];
  readonly pages: LogPages;
  readonly rows: RowStore;
  /** Only then is there something after the newest line that will not come by itself. */
  readonly isPast: boolean;
  readonly onLoaded: () => void;
  readonly now: () => number;
}

const FULL = 'this view is full; open a line and go to what was around it';

export const makePageLoader = ({
  vmIds,
  pages,
  rows,
  isPast,
  onLoaded,
  now,
}: PageLoaderDependencies): PageLoader => {
  const state = signal<PageState>({
    busy: undefined,
    problem: undefined,
    kept: undefined,
    hasEarlier: true,
    hasLater: isPast,
  });
  /** Nobody scrolls on in vain without being told why. */
  const hasRoom = (): boolean => {
    const isFull = rows.isFull();
    const problem = isFull ? FULL : undefined;
    if (isFull && state.peek().problem !== problem) state.value = { ...state.peek(), problem };
    return !isFull;
  };
  const put = (direction: Direction, stream: number, answer: PageAnswer): boolean => {
    if (!answer.ok) return true;
    const { items, more } = answer.value;
    if (direction === 'later') {
      // Pages are by time, and the last moment of one is the first of the next.
      const known = rows.recentCursors(stream);
      const fresh = items.filter(({ cursor }) => !known.has(cursor));
      rows.append(
        stream,
        fresh.map((event) => ({ ...event, seq: 0 })),
        now(),
        true,
      );
      return more && fresh.length > 0;
    }
    return rows.prepend(stream, items) > 0 && more;
  };
  const load = async (
    direction: Direction,
    ask: (vmId: string, stream: number) => Promise<PageAnswer | undefined>,
  ): Promise<void> => {
    if (state.peek().busy !== undefined) return;
    state.value = { ...state.peek(), busy: direction, problem: undefined };
    const answers = await Promise.all(vmIds.map(ask));
    const before = state.peek();
    let { kept, problem } = before;
    let hasMore = false;
    for (const [stream, answer] of answers.entries()) {
      if (answer === undefined) continue;
      if (put(direction, stream, answer)) hasMore = true;
      if (answer.ok) kept ??= answer.value.reason ?? undefined;
      else problem ??= answer.problem.message;
    }
    state.value = {
      busy: undefined,
      problem,
      kept,
      hasEarlier: direction === 'earlier' ? hasMore : before.hasEarlier,
      hasLater: direction === 'later' ? hasMore : before.hasLater,
    };
    onLoaded();
  };
  return {
    state,
    earlier: async () => {
      if (!state.peek().hasEarlier || !hasRoom()) return;
      await load('earlier', async (vmId, stream) => {
        const oldest = rows.oldest(stream);
        return oldest === undefined ? undefined : pages.before(vmId, oldest);
      });
    },
    later: async () => {
      if (!state.peek().hasLater || !hasRoom()) return;
      await load('later', async (vmId, stream) => {
        const newest = rows.newest(stream);
        return newest === undefined ? undefined : pages.after(vmId, newest);
      });
    },
    around: async (moment) => load('around', async (vmId) => pages.around(vmId, moment.at)),
  };
};
