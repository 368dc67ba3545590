/**
 * What the charts of a VM show: the range that was chosen, from the live readings or from what was
 * stored with the readings behind it. While something is loading, what was there stays.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Span } from '../charts/gaps.ts';
import { copySamples, type SampleBuffer, type Samples } from '../charts/samples.ts';
import type { ApiProblem } from './api.ts';
import { makeHistoryLoader } from './history-loader.ts';
import { COLUMNS, rowOfReading } from './vm-columns.ts';
import type { VmHistory } from './vm-history.ts';
import type { VmLive } from './vm-live.ts';
import { LIVE_MS, rangeKey, type VmRange } from './vm-range.ts';

export interface VmView {
  /** Moves when there is something new to paint. */
  readonly tick: ReadonlySignal<number>;
  readonly isLoading: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<ApiProblem | undefined>;
  readonly isPaused: ReadonlySignal<boolean>;
  /** How far apart what is shown is. */
  readonly stepMs: ReadonlySignal<number>;
  samples(): Samples;
  /** The values of just now, where the samples are means of longer and go on until now. */
  newest(): ((column: string) => number) | undefined;
  span(): Span;
  setRange(range: VmRange): void;
  setWidth(pixels: number): void;
  setPaused(isPaused: boolean): void;
  retry(): void;
  /** Called each second: time goes on even when nothing comes. */
  moveOn(): void;
  /** Until the answer is called. */
  start(): () => void;
}

export interface VmViewDependencies {
  readonly live: VmLive;
  readonly history: VmHistory;
  readonly isHidden: () => boolean;
}

/** Without a reading for so long, time goes on by itself. */
const SILENCE_MS = 2_500;
const LEAST_REFRESH_MS = 10_000;
const MOST_REFRESH_MS = 60_000;
const MOST_REPAINT_MS = 10_000;
const DEFAULT_PIXELS = 600;
/** A box that grows by less than this is not worth asking again. */
const PIXELS_STEP = 1.4;

export const makeVmView = ({ live, history, isHidden }: VmViewDependencies): VmView => {
  const loader = makeHistoryLoader(history, live.samples);
  const tick = signal(0);
  const isPaused = signal(false);
  let range: VmRange = { kind: 'live' };
  let pixels = DEFAULT_PIXELS;
  let askedAt = 0;
  let pausedAt: number | undefined;
  let frozen: Samples | undefined;
  let paintedEdge = 0;
  let view: { readonly tick: number; readonly samples: Samples } | undefined;

  const source = (): SampleBuffer =>
    (range.kind === 'live' ? undefined : loader.buffer()) ?? live.samples;
  const edge = (): number => {
    if (pausedAt !== undefined) return pausedAt;
    const now = live.managerNow();
    const last = live.samples.lastTime();
    return last !== undefined && now - last < SILENCE_MS ? last : now;
  };
  const span = (): Span => {
    if (range.kind === 'fixed') return range;
    const to = edge();
    return { from: to - (range.kind === 'live' ? LIVE_MS : range.ms), to };
  };
  const isRunning = (): boolean => range.kind !== 'fixed' || range.to > live.managerNow();
  const repaint = (): void => {
    paintedEdge = edge();
    tick.value += 1;
  };
  const repaintIfMoved = (): void => {
    if (!isRunning()) return;
    const { from, to } = span();
    const least = range.kind === 'live' ? 0 : Math.min(MOST_REPAINT_MS, (to - from) / pixels);
    if (edge() - paintedEdge >= least) repaint();
  };
  const ask = async (): Promise<void> => {
    if (range.kind === 'live') return;
    const { from, to } = span();
    askedAt = live.managerNow();
    const end = range.kind === 'fixed' ? to : Math.max(to, askedAt);
    if (await loader.load({ from, to: end, points: pixels })) repaint();
  };
  const refresh = (): void => {
    if (isHidden() || !isRunning() || loader.isLoading.value) return;
    const wait = Math.min(MOST_REFRESH_MS, Math.max(LEAST_REFRESH_MS, loader.stepMs.value));
    if (live.managerNow() - askedAt >= wait) void ask();
  };

  return {
    tick,
    isPaused,
    isLoading: loader.isLoading,
    problem: loader.problem,
    stepMs: loader.stepMs,
    span,
    samples: () => {
      if (frozen !== undefined) return frozen;
      if (view?.tick === tick.peek()) return view.samples;
      view = { tick: tick.peek(), samples: source().view() };
      return view.samples;
    },
    newest: () => {
      if (range.kind !== 'last' || isPaused.peek() || source() === live.samples) return undefined;
      const last = live.samples.lastTime();
      if (last === undefined || live.managerNow() - last >= SILENCE_MS) return undefined;
      const samples = live.samples.view();
      return (column) => samples.column(column).at(-1) ?? Number.NaN;
    },
    setRange: (chosen) => {
      if (rangeKey(chosen) === rangeKey(range)) return;
      range = chosen;
      pausedAt = undefined;
      frozen = undefined;
      isPaused.value = false;
      loader.cancel();
      if (range.kind === 'live') loader.forget();
      repaint();
      void ask();
    },
    setWidth: (measured) => {
      if (measured <= 0) return;
      pixels = measured;
      const asked = loader.askedPoints();
      if (asked > 0 && measured > asked * PIXELS_STEP) void ask();
    },
    setPaused: (wanted) => {
      pausedAt = wanted ? edge() : undefined;
      frozen = wanted ? copySamples(source().view(), COLUMNS) : undefined;
      isPaused.value = wanted;
      repaint();
    },
    retry: () => {
      if (range.kind === 'live') live.fillIn();
      else void ask();
    },
    moveOn: () => {
      if (isPaused.value) return;
      const last = live.samples.lastTime() ?? 0;
      if (live.managerNow() - last >= SILENCE_MS) repaintIfMoved();
      refresh();
    },
    start: () => {
      const endReadings = live.onReading((reading) => {
        if (isRunning()) loader.add(rowOfReading(reading));
      });
      const endTicks = live.tick.subscribe(() => {
        if (!isPaused.peek()) repaintIfMoved();
      });
      return () => {
        endReadings();
        endTicks();
        loader.cancel();
      };
    },
  };
};
