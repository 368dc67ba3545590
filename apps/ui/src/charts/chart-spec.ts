/** What a chart shows, and what all charts of a page have in common. */
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Quantity } from '../format/quantity.ts';
import type { Frames } from '../state/frames.ts';
import type { Palette } from '../ui/palette.ts';
import type { Span } from './gaps.ts';
import type { Samples } from './samples.ts';
import type { ValueUnit } from './value-axis.ts';

export interface SeriesSpec {
  readonly column: string;
  readonly label: string;
  /** A token of the theme: `--s1`. */
  readonly colour: string;
  readonly isFilled?: boolean;
  /** Of a mirrored chart: drawn downwards. */
  readonly isBelow?: boolean;
  /** In percent on an axis of its own, beside one of another unit. */
  readonly isPercent?: boolean;
}

/** The host's view of what another column tells: dashed, and only where the two are apart. */
export interface OverlaySpec {
  readonly column: string;
  readonly label: string;
  /** Added up, they are the guest's own view. */
  readonly against: readonly string[];
  /** How far apart they are before it matters, in the unit of the chart. */
  readonly tolerance: (top: number) => number;
}

export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  /** What its values are a part of, where a reason is given for each part. */
  readonly part?: string;
  readonly unit: ValueUnit;
  readonly mode: 'line' | 'stacked' | 'mirrored';
  readonly series: readonly SeriesSpec[];
  readonly overlay?: OverlaySpec;
  /** The top of the axis: a number, or the column that tells it. Left out: as high as needed. */
  readonly top?: number | string;
  /** A dotted line: what must not be passed for long. */
  readonly limit?: { readonly column: string; readonly label: string };
  /** Unknown is usual and no gap: there are no latencies while nothing is read. */
  readonly isSparse?: boolean;
  /** The large figure: `of` gives a column at the moment that is shown. */
  readonly headline: (of: (column: string) => number) => Quantity;
}

export interface Crosshair {
  readonly at: number;
  /** The chart that it was set on. */
  readonly chart: string;
}

export interface EventMark {
  readonly at: number;
  readonly text: string;
}

export interface ChartGroup {
  /** All charts are painted in the same one, with what else is new. */
  readonly frames: Frames;
  readonly palette: ReadonlySignal<Palette>;
  samples(): Samples;
  /** The values of just now, where a row stands for longer than that; undefined: it does not. */
  newest(): ((column: string) => number) | undefined;
  /** What is in sight; live, it moves. */
  span(): Span;
  /** Moves when there is something new to paint. */
  readonly tick: ReadonlySignal<number>;
  readonly crosshair: Signal<Crosshair | undefined>;
  readonly marks: ReadonlySignal<readonly EventMark[]>;
  /** Before this there was nothing to know: no gap is hatched. */
  beginsAt(): number | undefined;
  /** Why there is nothing at this moment of a gap. */
  reasonOf(gap: Span, at: number): string;
  /** Why a value of now is unknown. */
  whyUnknown(part: string | undefined): string;
  zoom(span: Span): void;
  backToLive(): void;
  /** How many pixels of time there are, as far as this chart knows. */
  setWidth(pixels: number): void;
  /** `14:23`, or what suits marks that are this far apart. */
  tickLabel(time: number, stepMs: number): string;
  momentLabel(time: number): string;
  offsetMs(time: number): number;
}
