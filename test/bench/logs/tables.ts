/** The section `logs` of docs/bench.md. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { median, ratios, spread } from '../report/statistics.ts';
import type { Key } from './contender.ts';
import type { ArrivalFigures } from './measure-arrival.ts';
import type { ReadingFigures } from './measure-reading.ts';
import type { Plan } from './plan.ts';

export interface ContenderFigures {
  readonly key: Key;
  readonly name: string;
  readonly reading: readonly ReadingFigures[];
  /** Empty where this machine cannot run a journald of its own. */
  readonly arrival: readonly ArrivalFigures[];
}

const MIB = 1024 * 1024;

const HEAD = [
  'who serves the journal',
  'CPU µs per entry',
  'of gatewayd',
  'entries/s',
  'bytes per entry',
  'resident MiB',
  'written → client p50 ms',
  'p95 ms',
  'p99 ms',
];

const rowOf = (figures: ContenderFigures, gatewayd: ContenderFigures): readonly string[] => {
  const { name, reading, arrival } = figures;
  const cpu = (one: ContenderFigures): number[] => one.reading.map((run) => run.cpuUsPerEntry);
  const middle = (of: (run: ReadingFigures) => number): string =>
    formatNumber(median(reading.map(of)));
  const late = (of: (run: ArrivalFigures) => number): string =>
    arrival.length === 0 ? '–' : formatNumber(median(arrival.map(of)));
  return [
    name,
    formatSpread(spread(cpu(figures))),
    formatSpread(spread(ratios(cpu(figures), cpu(gatewayd)))),
    middle((run) => run.entriesPerSecond),
    middle((run) => run.bytesPerEntry),
    middle((run) => run.residentBytes / MIB),
    late((run) => run.p50Ms),
    late((run) => run.p95Ms),
    late((run) => run.p99Ms),
  ];
};

export const formatSources = (plan: Plan, contenders: readonly ContenderFigures[]): string => {
  const gatewayd = contenders.find(({ key }) => key === 'gatewayd');
  if (gatewayd === undefined) throw new Error('there is nothing to compare with');
  const table = formatTable(
    HEAD,
    contenders.map((figures) => rowOf(figures, gatewayd)),
  );
  return `${table}\n\nA journal of ${plan.entries} entries with 22 fields, read from start to end by one client over HTTP, as server-sent events; then ${plan.lines} lines written one by one to a journald, 20 to 120 ms apart, while one client follows.`;
};
