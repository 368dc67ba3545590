/** The rest of the section `logs` of docs/bench.md: through the manager to the browser. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { median, spread } from '../report/statistics.ts';
import type { MemoryFigures } from './measure-memory.ts';
import type { PaintingFigures } from './measure-painting.ts';
import type { ThroughputStep } from './measure-throughput.ts';
import type { ViewingFigures } from './measure-viewing.ts';
import type { Plan } from './plan.ts';

export interface ViewingResults {
  readonly plan: Plan;
  readonly browser: string;
  /** None where this machine cannot run a journald of its own. */
  readonly runs: readonly ViewingFigures[];
}

const MB = 1e6;
const MS_PER_PERCENT = 10;
const pace = (perSecond: number): string => `${perSecond.toLocaleString('en-US')} lines/s`;

const formatPainting = (runs: readonly ViewingFigures[], first: ViewingFigures): string =>
  formatTable(
    [
      'written → painted',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'lines',
      'of them seen',
      'dropped',
      'wrong',
    ],
    first.painting.map(({ perSecond }, at) => {
      const of = (figure: (one: PaintingFigures) => number): number[] =>
        runs.flatMap(({ painting }) => painting.slice(at, at + 1)).map(figure);
      return [
        perSecond === undefined ? 'after a pause' : pace(perSecond),
        formatSpread(spread(of(({ p50Ms }) => p50Ms))),
        formatSpread(spread(of(({ p95Ms }) => p95Ms))),
        formatSpread(spread(of(({ p99Ms }) => p99Ms))),
        formatNumber(median(of(({ written }) => written))),
        formatNumber(median(of(({ seen }) => seen))),
        formatSpread(spread(of(({ dropped }) => dropped))),
        formatSpread(spread(of(({ wrong }) => wrong))),
      ];
    }),
  );

const formatPages = (runs: readonly ViewingFigures[], first: ViewingFigures): string =>
  formatTable(
    [
      'page of the log',
      'main thread, tasks %',
      'all of it %',
      'long tasks',
      'longest ms',
      'dropped',
    ],
    first.pages.map(({ perSecond }, at) => {
      const all = runs.flatMap(({ pages }) => pages.slice(at, at + 1));
      return [
        pace(perSecond),
        formatSpread(spread(all.map(({ busy }) => busy.taskMs / MS_PER_PERCENT))),
        formatSpread(spread(all.map(({ busy }) => busy.mainMs / MS_PER_PERCENT))),
        formatSpread(spread(all.map(({ longTasksMs }) => longTasksMs.length))),
        formatNumber(Math.max(0, ...all.flatMap(({ longTasksMs }) => longTasksMs))),
        formatSpread(spread(all.map(({ dropped }) => dropped))),
      ];
    }),
  );

/** The pace that all have in common, the highest one that held, and the one above it. */
const summarize = (steps: readonly ThroughputStep[]) => ({
  lowest: steps.slice(0, 1),
  best: steps.findLast(({ holds }) => holds),
  over: steps.find(({ holds }) => !holds),
});

const formatThroughput = (runs: readonly ViewingFigures[], first: ViewingFigures): string =>
  formatTable(
    [
      'agent → hub → client',
      'lines/s, none lost',
      'agent, CPU ms per 1,000',
      'manager, CPU ms per 1,000',
      'the pace above it',
      'arrives',
      'dropped',
      'wrong',
    ],
    first.throughput.map(({ name }, at) => {
      const all = runs
        .flatMap(({ throughput }) => throughput.slice(at, at + 1))
        .map(({ steps }) => summarize(steps));
      const lowest = all.flatMap((one) => one.lowest);
      const over = all.flatMap((one) => one.over ?? []);
      const figures = (
        steps: readonly ThroughputStep[],
        figure: (step: ThroughputStep) => number,
      ): string => (steps.length === 0 ? '–' : formatSpread(spread(steps.map(figure))));
      return [
        name,
        formatSpread(spread(all.map(({ best }) => best?.arrivedPerSecond ?? 0))),
        figures(lowest, ({ agentCpuMs }) => agentCpuMs),
        figures(lowest, ({ managerCpuMs }) => managerCpuMs),
        figures(over, ({ perSecond }) => perSecond),
        figures(over, ({ arrivedPerSecond }) => arrivedPerSecond),
        figures(over, ({ dropped }) => dropped),
        figures(over, ({ wrong }) => wrong),
      ];
    }),
  );

const formatMemory = (runs: readonly ViewingFigures[], plan: Plan): string => {
  const row = (name: string, unit: string, of: (run: ViewingFigures) => MemoryFigures) => {
    const all = runs.map(of);
    const more = all.map(
      ({ beforeBytes, duringBytes, viewers }) => (duringBytes - beforeBytes) / MB / viewers,
    );
    return [
      name,
      formatSpread(spread(all.map(({ beforeBytes }) => beforeBytes / MB))),
      formatSpread(spread(all.map(({ duringBytes }) => duringBytes / MB))),
      `${formatSpread(spread(more))} per ${unit}`,
      formatSpread(spread(all.map(({ dropped }) => dropped))),
    ];
  };
  return formatTable(
    ['memory of the manager, MB', 'before', 'during', 'each', 'dropped'],
    [
      row(`${plan.viewers} viewers of one VM`, 'viewer', ({ oneVm }) => oneVm),
      row(`${plan.watchedVms} VMs, one viewer each`, 'VM', ({ manyVms }) => manyVms),
    ],
  );
};

export const formatViewing = ({ plan, browser, runs }: ViewingResults): string => {
  const [first] = runs;
  if (first === undefined) {
    return 'What goes through the manager is not measured: this machine cannot run a journald of its own.';
  }
  const seconds = (ms: number): string => `${formatNumber(ms / 1_000)} s`;
  return [
    formatPainting(runs, first),
    formatPages(runs, first),
    formatThroughput(runs, first),
    formatMemory(runs, plan),
    `${plan.pausedLines} lines after pauses, then ${seconds(plan.paintMs)} of each pace; a page watched for ${seconds(plan.pageMs)}; ${seconds(plan.throughputMs)} of each pace of ${plan.throughputRates.map(pace).join(', ')}; memory over ${seconds(plan.memoryMs)}. Chromium ${browser}.`,
  ].join('\n\n');
};
