/** What the pages are to keep to, and whether they do. Less is better of all of it. */
import { formatNumber, formatSpread } from '../report/markdown.ts';
import { median, spread } from '../report/statistics.ts';
import type { BundleSizes, Busy, Heap, RunFigures } from './figures.ts';
import { growthPerHour } from './heap.ts';

interface Goal {
  readonly name: string;
  /** One of each run; a size is the same in all of them. */
  readonly values: readonly number[];
  readonly target: number;
  readonly stretch: number;
}

const MB = 1e6;
const KB = 1_000;
/** Ten ms in a second are 1 % of a core. */
const MS_PER_PERCENT = 10;

const heapMb = ({ usedBytes, arrayBytes }: Heap): number => (usedBytes + arrayBytes) / MB;

export const listGoals = (runs: readonly RunFigures[], sizes: BundleSizes): readonly Goal[] => {
  const of = (figure: (run: RunFigures) => number): readonly number[] => runs.map(figure);
  const percent = (busyOf: (run: RunFigures) => Busy): readonly number[] =>
    of((run) => busyOf(run).taskMs / MS_PER_PERCENT);
  const firstPaint = (paints: RunFigures['paint']['fleet']): number =>
    median(paints.map(({ firstPaintMs }) => firstPaintMs));
  return [
    {
      name: 'fleet, main thread, %',
      values: percent(({ fleet }) => fleet.busy),
      target: 1.5,
      stretch: 0.5,
    },
    {
      name: 'fleet in an order that changes, main thread, %',
      values: percent(({ fleet }) => fleet.resorted),
      target: 2,
      stretch: 0.8,
    },
    {
      name: 'fleet, long tasks (> 50 ms)',
      values: of(({ fleet }) => fleet.longTasksMs.length),
      target: 0,
      stretch: 0,
    },
    {
      name: 'fleet, heap, MB',
      values: of(({ fleet }) => heapMb(fleet.heapAfter)),
      target: 15,
      stretch: 6,
    },
    {
      name: 'fleet, growth of the heap, MB an hour',
      values: of(({ fleet }) => growthPerHour(fleet.heapMoments) / MB),
      target: 2,
      stretch: 0,
    },
    {
      name: 'VM, main thread, %',
      values: percent(({ vm }) => vm.busy),
      target: 1.2,
      stretch: 0.4,
    },
    {
      name: 'crosshair, main thread, %',
      values: percent(({ vm }) => vm.crosshair),
      target: 12,
      stretch: 6,
    },
    {
      name: 'fleet, first paint, ms',
      values: of(({ paint }) => firstPaint(paint.fleet)),
      target: 1_000,
      stretch: 500,
    },
    {
      name: 'VM, first paint, ms',
      values: of(({ paint }) => firstPaint(paint.vm)),
      target: 1_000,
      stretch: 500,
    },
    {
      name: 'JavaScript at first, gzipped, KB',
      values: [sizes.initialJs / KB],
      target: 60,
      stretch: 40,
    },
    { name: 'charts, gzipped, KB', values: [sizes.chartsJs / KB], target: 60, stretch: 52 },
  ];
};

const verdictOf = ({ values, target, stretch }: Goal): string => {
  const middle = median(values);
  if (middle <= stretch) return 'stretch';
  return middle <= target ? 'met' : '**missed**';
};

export const goalRow = (goal: Goal): string[] => [
  goal.name,
  formatSpread(spread(goal.values)),
  String(goal.target),
  String(goal.stretch),
  verdictOf(goal),
];

/** In a sentence, by name. */
export const missedLine = (goals: readonly Goal[]): string => {
  const missed = goals.filter(({ values, target }) => median(values) > target);
  if (missed.length === 0) return 'No target is missed.';
  const parts = missed.map(
    ({ name, values, target }) => `${name} (${formatNumber(median(values))}, target ${target})`,
  );
  return `**Missed:** ${parts.join('; ')}.`;
};
