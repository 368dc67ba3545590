/**
 * Searches the kept lines of the fleet. Text is looked for line by line, without an index of it: a
 * million lines take half a second, while an index would cost eleven times the time of writing.
 */
import type { KeptLog, LogSearch } from '@innkeeper/protocol';
import type { Actor } from '../../auth/actor.ts';
import type { Database } from '../../database/database.ts';
import { makeAtMost } from '../../history/at-most.ts';
import type { Vms } from '../../vms/vm-record.ts';
import { countRows, layHistogram, toHistogram } from './histogram.ts';
import { keptForOf, toLogEvent } from './present-line.ts';
import { countKeptLogs, type LogCount } from './sql/count-kept-logs.ts';
import { getOldestKeptLog } from './sql/get-oldest-kept-log.ts';
import type { LogConditions } from './sql/kept-log-conditions.ts';
import { searchKeptLogs, type LogPlace } from './sql/search-kept-logs.ts';
import { findVisibleVms, type VmChoice } from './visible-vms.ts';
import { within } from './within.ts';

export interface LogQuestion extends Omit<LogConditions, 'vmKeys'>, VmChoice {
  readonly behind: LogPlace | undefined;
  readonly limit: number;
}

export interface FoundLogs extends Omit<LogSearch, 'next_cursor'> {
  /** Of the last item, where there are more. */
  readonly next: LogPlace | undefined;
}

export type LogSearchAnswer =
  | { readonly ok: true; readonly found: FoundLogs }
  | { readonly ok: false; readonly problem: 'too_broad' | 'busy' };

/** Whoever asked and has gone, as `signal` tells, is not searched for any more: what runs is ended. */
export type SearchLogs = (
  actor: Actor,
  question: LogQuestion,
  signal?: AbortSignal,
) => Promise<LogSearchAnswer>;

export const SEARCH_MS = 8_000;
/** The histogram is left out where it would take longer. */
const COUNT_MS = 3_000;
/** Of the connections that the manager has, so that some are left for what writes. */
const MAX_READERS = 2;
const MAX_WAITING = 50;
export const makeSearchLogs = ({
  database,
  vms,
  searchMs = SEARCH_MS,
  countMs = COUNT_MS,
}: {
  readonly database: Database;
  readonly vms: Pick<Vms, 'all'>;
  readonly searchMs?: number;
  readonly countMs?: number;
}): SearchLogs => {
  const readers = makeAtMost(MAX_READERS, MAX_WAITING);

  const search = async (
    actor: Actor,
    question: LogQuestion,
    signal: AbortSignal | undefined,
  ): Promise<LogSearchAnswer> => {
    if (signal?.aborted === true) return { ok: false, problem: 'busy' };
    const visible = await findVisibleVms(database, vms, actor, question);
    const { behind, limit } = question;
    const conditions: LogConditions = { ...question, vmKeys: visible.keys };
    const rows = await within(database, { ms: searchMs, signal }, async (transaction) =>
      // One more than asked for tells whether there is a next page.
      searchKeptLogs(transaction, { ...conditions, order: 'newest', behind, limit: limit + 1 }),
    );
    if (rows === undefined) return { ok: false, problem: 'too_broad' };
    const shown = rows.slice(0, limit);
    const names = await visible.namesOf(shown.map((row) => row.vm_key));
    const items = shown.flatMap((row): KeptLog[] => {
      const name = names.get(row.vm_key);
      if (name === undefined) return [];
      return [
        {
          ...toLogEvent(row),
          ...name,
          id: row.id,
          source: row.source,
          received_at: row.received_ms,
          kept_for: keptForOf(row),
        },
      ];
    });
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const steps = layHistogram(question.from, question.to);
    const count = async (): Promise<readonly LogCount[] | undefined> => {
      if (behind !== undefined || signal?.aborted === true) return undefined;
      // All that fits is here already: what took long to find is not looked for twice.
      if (last === undefined) return countRows(steps, shown);
      return within(database, { ms: countMs, signal }, async (transaction) =>
        countKeptLogs(transaction, conditions, steps),
      );
    };
    const counts = await count();
    // Whoever sees some VMs only does not learn from when the lines of others are.
    const ofKeys = actor.scope === undefined ? undefined : visible.keys;
    const oldest = await within(database, { ms: countMs, signal }, async (transaction) =>
      getOldestKeptLog(transaction, ofKeys),
    );
    return {
      ok: true,
      found: {
        items,
        next: last === undefined ? undefined : { ts: last.ts_ms, id: last.id },
        histogram: counts === undefined ? null : toHistogram(steps, counts),
        oldest: oldest ?? null,
      },
    };
  };

  return async (actor, question, signal) =>
    (await readers.run(async () => search(actor, question, signal))) ?? {
      ok: false,
      problem: 'busy',
    };
};
