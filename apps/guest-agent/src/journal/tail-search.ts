/** Finds where the last lines that match start: backwards through all files, a slice at a time. */
import type { Clock } from '../platform/platform.ts';
import { isSliceOver, type LogQuery } from '../logs/log-source.ts';
import { makeJournalRecord } from './journal-record.ts';
import type { MergedLanes } from './merged-lanes.ts';

export interface TailSearch {
  /** True: the lanes stand where to start. */
  step(): boolean;
  readonly lanes: MergedLanes;
}

export const makeTailSearch = (dependencies: {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly lanes: MergedLanes;
  readonly query: LogQuery;
  readonly tail: number;
}): TailSearch => {
  const { clock, lanes, query, tail } = dependencies;
  const sinceUs = (query.sinceMs ?? 0) * 1000;
  const untilUs = query.untilMs === undefined ? Infinity : query.untilMs * 1000 + 999;
  let found = 0;
  return {
    lanes,
    step: () => {
      const startedAt = clock.monotonicMs();
      for (let count = 1; found < tail; count += 1) {
        const next = lanes.next();
        if (next === undefined) return true;
        const { entry, lane } = next;
        if (entry.realtimeUs < sinceUs) {
          lane.seek(lane.index() + 1);
          return true;
        }
        const file = lane.held()?.file;
        const isInTime = entry.realtimeUs <= untilUs;
        if (isInTime && file && query.matches(makeJournalRecord(entry, file))) found += 1;
        if (isSliceOver(clock, startedAt, count)) return false;
      }
      return true;
    },
  };
};
