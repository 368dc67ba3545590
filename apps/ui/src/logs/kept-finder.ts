/** Asks the manager for kept lines, a page at a time; what was asked before the query changed counts no more. */
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { KeptLog, LogSearch } from '@innkeeper/protocol';
import type { ApiProblem, ApiResult } from '../state/api.ts';
import { keptPath, type KeptQuery } from './kept-query.ts';

export interface Found {
  readonly query: KeptQuery;
  /** When it was asked: where its span ends. */
  readonly now: number;
  readonly items: readonly KeptLog[];
  /** The histogram of the first page is that of all. */
  readonly first: LogSearch;
  readonly nextCursor: string | null;
}

export interface KeptFinder {
  /** Of the last search that was answered. */
  readonly found: ReadonlySignal<Found | undefined>;
  readonly problem: ReadonlySignal<ApiProblem | undefined>;
  readonly isBusy: ReadonlySignal<boolean>;
  search(query: KeptQuery): Promise<void>;
  /** The next page of what is found. */
  more(): Promise<void>;
  /** What has failed, once more. */
  retry(): Promise<void>;
  stop(): void;
}

export const makeKeptFinder = (
  get: (path: string, ended: AbortSignal) => Promise<ApiResult<LogSearch>>,
  now: () => number,
): KeptFinder => {
  const found = signal<Found | undefined>(undefined);
  const problem = signal<ApiProblem | undefined>(undefined);
  const isBusy = signal(false);
  let asking = new AbortController();
  let last: () => Promise<void> = async () => undefined;

  const ask = async (
    path: string,
    take: (answer: LogSearch) => void,
    fail: () => void,
  ): Promise<void> => {
    asking.abort();
    asking = new AbortController();
    const { signal: ended } = asking;
    isBusy.value = true;
    const answer = await get(path, ended);
    if (ended.aborted) return;
    batch(() => {
      isBusy.value = false;
      problem.value = answer.ok ? undefined : answer.problem;
      if (answer.ok) take(answer.value);
      else fail();
    });
  };
  const search = async (query: KeptQuery, at: number): Promise<void> => {
    last = async () => search(query, at);
    const take = (first: LogSearch): void => {
      found.value = { query, now: at, items: first.items, first, nextCursor: first.next_cursor };
    };
    // Lines of another search are no answer to this one.
    await ask(keptPath(query, at), take, () => {
      found.value = undefined;
    });
  };
  const more = async (): Promise<void> => {
    const before = found.peek();
    if (before === undefined || before.nextCursor === null || isBusy.peek()) return;
    last = more;
    const take = (page: LogSearch): void => {
      const items = [...before.items, ...page.items];
      found.value = { ...before, items, nextCursor: page.next_cursor };
    };
    await ask(keptPath(before.query, before.now, before.nextCursor), take, () => undefined);
  };
  return {
    found,
    problem,
    isBusy,
    search: async (query) => search(query, now()),
    more,
    retry: async () => last(),
    stop: () => asking.abort(),
  };
};
