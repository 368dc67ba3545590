/** The section `ui` of docs/bench.md. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { median, ratios, spread } from '../report/statistics.ts';
import type { BundleSizes, Busy, Frames, Heap, Paint, RunFigures } from './figures.ts';
import type { Plan } from './plan.ts';
import { goalRow, listGoals, missedLine } from './targets.ts';

export interface UiResults {
  readonly plan: Plan;
  readonly browser: string;
  readonly sizes: BundleSizes;
  readonly runs: readonly RunFigures[];
}

const MB = 1e6;
const KB = 1_000;
const count = (value: number): string => value.toLocaleString('en-US');

type Of<Figure> = (run: RunFigures) => Figure;

const formatBusy = (
  runs: readonly RunFigures[],
  rows: readonly (readonly [string, Of<Busy>])[],
): string =>
  formatTable(
    [
      'ms of CPU in a second',
      'tasks of the main thread',
      'of that code',
      'styles, layout',
      'all of the main thread',
      'process of the page',
      'main thread / reference',
    ],
    rows.map(([name, busyOf]) => {
      const of = (figure: (busy: Busy) => number): number[] =>
        runs.map((run) => figure(busyOf(run)));
      const main = of(({ mainMs }) => mainMs);
      const references = runs.map(({ reference }) => reference.mainMs);
      return [
        name,
        formatSpread(spread(of(({ taskMs }) => taskMs))),
        formatNumber(median(of(({ scriptMs }) => scriptMs))),
        formatNumber(median(of(({ layoutMs }) => layoutMs))),
        formatSpread(spread(main)),
        formatSpread(spread(of(({ processMs }) => processMs))),
        formatSpread(spread(ratios(main, references))),
      ];
    }),
  );

const PAGES: readonly (readonly [string, Of<Busy>])[] = [
  ['fleet', ({ fleet }) => fleet.busy],
  ['fleet, order by CPU, in one list', ({ fleet }) => fleet.resorted],
  ['fleet, scrolled', ({ fleet }) => fleet.scrolling],
  ['VM, six live charts', ({ vm }) => vm.busy],
  ['VM, crosshair', ({ vm }) => vm.crosshair],
  ['reference', ({ reference }) => reference],
];

const CHARTS: readonly (readonly [string, Of<Busy>])[] = [
  ['ours: axes by chart.js', ({ charts }) => charts.ours],
  ['uPlot', ({ charts }) => charts.uplot],
  ['chart.js, its own lines', ({ charts }) => charts.chartJs],
];

const chartRatios = (runs: readonly RunFigures[]): string => {
  const parts = (['uplot', 'chartJs'] as const).map((theirs) => {
    const beside = (figure: (busy: Busy) => number): string =>
      formatSpread(
        spread(
          ratios(
            runs.map(({ charts }) => figure(charts.ours)),
            runs.map(({ charts }) => figure(charts[theirs])),
          ),
        ),
      );
    const name = theirs === 'uplot' ? 'uPlot' : 'chart.js with its own lines';
    return `${name}: main thread ${beside(({ mainMs }) => mainMs)}, process ${beside(({ processMs }) => processMs)}`;
  });
  return `**Ours /** ${parts.join('; ')}.`;
};

const formatHeaps = (runs: readonly RunFigures[]): string => {
  const of = (figure: Of<number>): string => formatSpread(spread(runs.map(figure)));
  const row = (name: string, heapOf: Of<Heap>): string[] => [
    name,
    of((run) => heapOf(run).usedBytes / MB),
    of((run) => heapOf(run).arrayBytes / MB),
  ];
  return formatTable(
    ['after a collection, MB', 'JavaScript', 'typed arrays'],
    [
      row('fleet, at first', ({ fleet }) => fleet.heap),
      row('fleet, at the end', ({ fleet }) => fleet.heapAfter),
      row('VM', ({ vm }) => vm.heap),
    ],
  );
};

const formatFrames = (runs: readonly RunFigures[]): string =>
  formatTable(
    ['', 'frames', 'dropped', 'longest, ms'],
    (
      [
        ['fleet, scrolled', ({ fleet }) => fleet.scrolled],
        ['VM, crosshair', ({ vm }) => vm.crosshairFrames],
      ] satisfies readonly (readonly [string, Of<Frames>])[]
    ).map(([name, framesOf]) => {
      const of = (figure: (frames: Frames) => number): string =>
        formatSpread(spread(runs.map((run) => figure(framesOf(run)))));
      return [
        name,
        of(({ shown }) => shown),
        of(({ dropped }) => dropped),
        of(({ longestMs }) => longestMs),
      ];
    }),
  );

const formatPaints = (runs: readonly RunFigures[]): string => {
  const rows: readonly (readonly [string, (run: RunFigures) => readonly Paint[]])[] = [
    ['fleet, its first row', ({ paint }) => paint.fleet],
    ['VM, its first figure', ({ paint }) => paint.vm],
  ];
  return formatTable(
    ['page, and its content', 'first paint, ms', 'content, ms'],
    rows.map(([name, paintsOf]) => {
      const all = runs.flatMap(paintsOf);
      return [
        name,
        formatSpread(spread(all.map(({ firstPaintMs }) => firstPaintMs))),
        formatSpread(spread(all.map(({ contentMs }) => contentMs))),
      ];
    }),
  );
};

const formatSizes = (sizes: BundleSizes): string =>
  formatTable(
    ['gzipped', 'KB'],
    (
      [
        ['JavaScript at first', sizes.initialJs],
        ['styles at first', sizes.initialCss],
        ['page of a VM, besides', sizes.vmPageJs],
        ['its charts, with chart.js', sizes.chartsJs],
        ['all styles', sizes.allCss],
      ] as const
    ).map(([name, bytes]) => [name, formatNumber(bytes / KB)]),
  );

export const formatUiSection = ({ plan, browser, sizes, runs }: UiResults): string => {
  const goals = listGoals(runs, sizes);
  const seconds = (ms: number): string => `${formatNumber(ms / 1_000)} s`;
  const settleMs = plan.longTaskMs + plan.heapSettleMs;
  const heapMs = plan.heapSteps * plan.heapStepMs;
  const moves = formatNumber(median(runs.map(({ vm }) => vm.crosshairMovesPerSecond)));
  return [
    '### Beside the targets',
    formatTable(['', 'measured', 'target', 'stretch', ''], goals.map(goalRow)),
    missedLine(goals),
    '### Pages',
    formatBusy(runs, PAGES),
    '### Charts',
    formatBusy(runs, CHARTS),
    chartRatios(runs),
    '### Heap',
    formatHeaps(runs),
    `The fleet for ${seconds(settleMs + heapMs)} at the real pace. The growth an hour is the slope over the last ${seconds(heapMs)}, extrapolated: it cannot tell less than what a minute moves.`,
    '### Frames',
    formatFrames(runs),
    '### First paint',
    formatPaints(runs),
    '### Sizes',
    formatSizes(sizes),
    `${count(plan.vms)} VMs on ${plan.hosts} hosts. ${seconds(plan.warmUpMs)} of warm-up and a window of ${seconds(plan.windowMs)}; long tasks of ${seconds(plan.longTaskMs)}; ${moves} moves a second of the mouse reached the page. Chromium ${browser}.`,
  ].join('\n\n');
};
