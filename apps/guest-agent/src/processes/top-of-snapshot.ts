/**
 * The top processes of a snapshot, looked at closely once: what only /proc/<pid> tells of them is
 * about as old as the snapshot, and who asks every second does not have thirty files read for
 * the same list.
 */
import type { ProcessEntry } from '@innkeeper/protocol';
import type { MachineTotals, ProcessFacts } from './process-facts.ts';
import type { ProcessSnapshot } from './process-table.ts';
import { topProcesses } from './top.ts';

interface Top {
  readonly snapshot: ProcessSnapshot;
  readonly totals: MachineTotals;
  readonly entries: ProcessEntry[];
}

const isSame = (one: MachineTotals, other: MachineTotals): boolean =>
  one.memoryTotalBytes === other.memoryTotalBytes && one.bootTimeSeconds === other.bootTimeSeconds;

/** By CPU. The same list, as an object, while nothing has changed that it says. */
export const makeTopOfSnapshot = (
  facts: Pick<ProcessFacts, 'given'>,
  count: number,
): ((snapshot: ProcessSnapshot, totals: MachineTotals) => ProcessEntry[]) => {
  let last: Top | undefined;
  return (snapshot, totals) => {
    if (last?.snapshot === snapshot && isSame(last.totals, totals)) return last.entries;
    const entries = topProcesses(snapshot, 'cpu', count, facts.given(totals));
    last = { snapshot, totals, entries };
    return entries;
  };
};
