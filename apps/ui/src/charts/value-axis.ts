/** How high a chart is and where the marks of its values are: steps of 1024 for bytes. */
import {
  formatBytes,
  formatBytesPerSecond,
  formatNumber,
  formatPercent,
  formatSeconds,
  type Quantity,
} from '../format/quantity.ts';

export type ValueUnit = 'percent' | 'bytes' | 'bytes_per_second' | 'seconds' | 'number';

export interface ValueAxis {
  /** The value at the top; mirrored, the one at the bottom too. */
  readonly top: number;
  readonly ticks: readonly number[];
}

const DECIMAL = [1, 2, 2.5, 5, 10];
/** Of a power of 1024: what is still short when it is written. */
const BINARY = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1024];

const nextStep = (least: number, factors: readonly number[], base: number): number => {
  const power = base ** Math.floor(Math.log(least) / Math.log(base));
  // A hair less, since powers are not exact.
  const factor = factors.find((one) => one * power >= least * (1 - 1e-9));
  return (factor ?? base) * power;
};

const isBytes = (unit: ValueUnit): boolean => unit === 'bytes' || unit === 'bytes_per_second';

/** What an axis shows at least, so that noise around nothing does not fill it. */
const LEAST = {
  percent: 10,
  bytes: 4 * 1024 ** 2,
  bytes_per_second: 4096,
  seconds: 0.001,
  number: 1,
} as const satisfies Readonly<Record<ValueUnit, number>>;

/** `count` steps above zero, and as many below where the chart is mirrored. */
export const makeValueAxis = (
  largest: number,
  unit: ValueUnit,
  { count, mirrored = false }: { readonly count: number; readonly mirrored?: boolean },
): ValueAxis => {
  const least = Math.max(largest, LEAST[unit]) / count;
  const step = isBytes(unit) ? nextStep(least, BINARY, 1024) : nextStep(least, DECIMAL, 10);
  const from = mirrored ? -count : 0;
  const ticks = Array.from({ length: count - from + 1 }, (_, index) => (from + index) * step);
  return { top: count * step, ticks };
};

const MOST_FIXED = 6;

/** An axis of which the top is known: a percentage, or the memory that there is. */
export const makeFixedAxis = (top: number, unit: ValueUnit): ValueAxis => {
  const step = isBytes(unit) ? 2 ** Math.ceil(Math.log2(top / MOST_FIXED)) : top / 4;
  return {
    top,
    ticks: Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step),
  };
};

const SHRINK = 1.5;

/** Grows at once; shrinks when there is room to spare, so that it does not go up and down. */
export const settleAxis = (
  before: ValueAxis | undefined,
  largest: number,
  make: (largest: number) => ValueAxis,
): ValueAxis => {
  const wanted = make(largest);
  if (before === undefined || wanted.top > before.top) return wanted;
  const roomy = make(largest * SHRINK);
  return roomy.top < before.top ? roomy : before;
};

const FORMATS = {
  percent: formatPercent,
  bytes: formatBytes,
  bytes_per_second: formatBytesPerSecond,
  seconds: formatSeconds,
  number: formatNumber,
} as const satisfies Readonly<Record<ValueUnit, (value: number | null) => Quantity>>;

export const formatValue = (value: number, unit: ValueUnit): Quantity =>
  FORMATS[unit](Number.isNaN(value) ? null : value);

const plain = (value: number): string => String(Number(value.toPrecision(3)));

/** Short: 120 M, 32 G, 50%, 20 ms. The heading has the unit. */
export const axisLabel = (value: number, unit: ValueUnit, top: number): string => {
  const size = Math.abs(value);
  if (unit === 'percent') return `${plain(size)}%`;
  if (unit === 'number') return plain(size);
  if (unit === 'seconds') {
    if (top >= 1) return `${plain(size)} s`;
    return top >= 0.001 ? `${plain(size * 1e3)} ms` : `${plain(size * 1e6)} µs`;
  }
  const power = Math.max(0, Math.floor(Math.log2(Math.max(1, top)) / 10));
  return `${plain(size / 1024 ** power)} ${['B', 'K', 'M', 'G', 'T', 'P', 'E'][power] ?? ''}`;
};
