/** Kept lines of one VM, for who looks at it while its agent does not answer. */
import type { LogEvent, LogFilter, LogSource } from '@innkeeper/protocol';
import type { Clock } from '../../clock.ts';
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import { unitNames } from '../line-filter.ts';
import { leastLevel } from './kept-row.ts';
import { toLogEvent } from './present-line.ts';
import { searchKeptLogs } from './sql/search-kept-logs.ts';

export interface KeptPageQuery {
  readonly source: LogSource | undefined;
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** The first lines from `since` on; else the last ones. */
  readonly isForwards: boolean;
  readonly filter: Pick<LogFilter, 'level' | 'unit' | 'grep'>;
  readonly max: number;
}

/** Oldest first. */
export type ReadKeptPage = (
  vm: Pick<VmRecord, 'key'>,
  query: KeptPageQuery,
) => Promise<readonly LogEvent[]>;

/** What the guest's clock may be ahead by. */
const AHEAD_MS = 60_000;

export const makeReadKeptPage = ({
  database,
  clock,
}: {
  readonly database: Queryable;
  readonly clock: Pick<Clock, 'now'>;
}): ReadKeptPage => {
  return async (vm, { source, since, until, isForwards, filter, max }) => {
    // Only what the machine has by itself is recorded, never another source of it.
    if (source !== undefined) return [];
    const rows = await searchKeptLogs(database, {
      from: since ?? 0,
      to: until ?? clock.now() + AHEAD_MS,
      vmKeys: [vm.key],
      level: leastLevel(filter.level),
      targets: [...unitNames(filter.unit ?? [])],
      text: filter.grep,
      order: isForwards ? 'oldest' : 'newest',
      behind: undefined,
      limit: max,
    });
    const lines = rows.map(toLogEvent);
    return isForwards ? lines : lines.reverse();
  };
};
