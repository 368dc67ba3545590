/** The section `store` of docs/bench.md. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { median, spread } from '../report/statistics.ts';
import type { IngestFigures, StoreFigures } from './figures.ts';
import type { Plan } from './plan.ts';

const count = (value: number): string => value.toLocaleString('en-US');

const formatIngest = (runs: readonly IngestFigures[]): string => {
  const rows: readonly (readonly [string, (run: IngestFigures) => number])[] = [
    ['rows a second, as fast as it goes', (run) => run.rows / run.seconds],
    ['CPU µs a row, all in', (run) => run.nodeCpuUsPerRow + run.serverCpuUsPerRow],
    ['of that the manager', (run) => run.nodeCpuUsPerRow],
    ['of that Postgres, with a checkpoint', (run) => run.serverCpuUsPerRow],
    ['bytes a sample', (run) => run.heapBytesPerRow + run.indexBytesPerRow],
    ['of that the table', (run) => run.heapBytesPerRow],
    ['of that its indexes', (run) => run.indexBytesPerRow],
    ['bytes of WAL a sample', (run) => run.walBytesPerRow],
  ];
  return formatTable(
    ['writing', ''],
    rows.map(([name, figure]) => [name, formatSpread(spread(runs.map(figure)))]),
  );
};

/** The figures of the same row in each run. */
const acrossRuns = <Row>(
  runs: readonly StoreFigures[],
  of: (run: StoreFigures) => readonly Row[],
): (readonly [Row, readonly Row[]])[] => {
  const [first, ...others] = runs;
  if (first === undefined) return [];
  return of(first).map((row, index) => [
    row,
    [row, ...others.flatMap((run) => of(run).slice(index, index + 1))],
  ]);
};

const formatRollUps = (runs: readonly StoreFigures[]): string =>
  formatTable(
    ['tier', 'rows read', 'rows written', 'seconds', 'ms a step of all VMs', 'µs a row read'],
    acrossRuns(runs, ({ rollUps }) => rollUps).map(([row, all]) => {
      const of = (figure: (one: typeof row) => number): string =>
        formatSpread(spread(all.map(figure)));
      return [
        row.tier,
        count(row.sourceRows),
        count(row.rows),
        of(({ seconds }) => seconds),
        of(({ seconds, steps }) => (seconds * 1_000) / steps),
        of(({ seconds, sourceRows }) => (seconds * 1e6) / sourceRows),
      ];
    }),
  );

const formatHistories = (runs: readonly StoreFigures[]): string =>
  formatTable(
    ['history', 'fields', 'tier', 'points', 'p50 ms', 'p95 ms', 'the first, ms'],
    acrossRuns(runs, ({ histories }) => histories).map(([row, all]) => [
      row.range,
      row.fields,
      row.tier,
      count(row.points),
      formatSpread(spread(all.map(({ p50Ms }) => p50Ms))),
      formatSpread(spread(all.map(({ p95Ms }) => p95Ms))),
      formatNumber(median(all.map(({ firstMs }) => firstMs))),
    ]),
  );

export const formatStoreSection = (
  plan: Plan,
  version: string,
  runs: readonly StoreFigures[],
): string =>
  [
    '### Writing',
    formatIngest(runs.map(({ ingest }) => ingest)),
    `${count(plan.vms)} VMs, ${count(plan.vms * plan.seconds)} rows of 28 values in batches of five seconds, after ${count(plan.vms * plan.warmUpSeconds)} that are not counted. Postgres ${version}, the embedded one with the manager's settings.`,
    '### Roll-ups',
    formatRollUps(runs),
    '### History',
    formatHistories(runs),
  ].join('\n\n');
