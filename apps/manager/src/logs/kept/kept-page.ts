/** Kept lines of one VM, for who looks at it while its agent does not answer. */
import type { LogEvent, LogFilter, LogSource } from '@innkeeper/protocol';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import { makeAtMost } from '../../history/at-most.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import { unitNames } from '../line-filter.ts';
import { leastLevel } from './kept-row.ts';
import { toLogEvent } from './present-line.ts';
import { searchKeptLogs } from './sql/search-kept-logs.ts';
import { within } from './within.ts';

export interface KeptPageQuery {
  readonly source: LogSource | undefined;
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** The first lines from `since` on; else the last ones. */
  readonly isForwards: boolean;
  readonly filter: Pick<LogFilter, 'level' | 'unit' | 'grep'>;
  readonly max: number;
  /** Aborted: whoever asked has gone. */
  readonly signal: AbortSignal;
}

/** Oldest first; undefined: it would take too long, or too many are read already. */
export type ReadKeptPage = (
  vm: Pick<VmRecord, 'key'>,
  query: KeptPageQuery,
) => Promise<readonly LogEvent[] | undefined>;

/** What the guest's clock may be ahead by. */
const AHEAD_MS = 60_000;
const PAGE_MS = 5_000;
/** Of the connections that the manager has, beside those of searches. */
const MAX_READERS = 2;
const MAX_WAITING = 20;

export const makeReadKeptPage = ({
  database,
  clock,
  pageMs = PAGE_MS,
}: {
  readonly database: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly pageMs?: number;
}): ReadKeptPage => {
  const readers = makeAtMost(MAX_READERS, MAX_WAITING);
  return async (vm, { source, since, until, isForwards, filter, max, signal }) => {
    // Only what the machine has by itself is recorded, never another source of it.
    if (source !== undefined) return [];
    const conditions = {
      from: since ?? 0,
      to: until ?? clock.now() + AHEAD_MS,
      vmKeys: [vm.key],
      level: leastLevel(filter.level),
      targets: [...unitNames(filter.unit ?? [])],
      text: filter.grep,
      order: isForwards ? 'oldest' : 'newest',
      behind: undefined,
      limit: max,
    } as const;
    const rows = await readers.run(async () =>
      within(database, { ms: pageMs, signal }, async (transaction) =>
        searchKeptLogs(transaction, conditions),
      ),
    );
    if (rows === undefined) return undefined;
    const lines = rows.map(toLogEvent);
    return isForwards ? lines : lines.reverse();
  };
};
