/** Lines over time by level; a click leads to a moment, as Enter does once arrow keys have moved there. */
import type { LogHistogram } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { Palette } from '../ui/palette.ts';
import { barAfter, barAt, barCount, totalOf } from './histogram.ts';
import { countText } from './log-words.ts';
import './histogram-bar.css';

const HEIGHT = 36;
const SHOWN = [
  ['debug', '--h1'],
  ['info', '--h2'],
  ['warn', '--warn'],
  ['error', '--crit'],
] as const;
/** Of a bar's place, the rest is the gap to the next. */
const FILLED = 0.8;
/** Fewer lines than that do not fill the height: a single one is no storm. */
const QUIET = 4;

const paint = (canvas: HTMLCanvasElement, histogram: LogHistogram, palette: Palette): void => {
  const context = canvas.getContext('2d');
  const width = canvas.clientWidth;
  if (context === null || width === 0) return;
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  context.scale(ratio, ratio);
  const bars = barCount(histogram);
  let most = QUIET;
  for (let bar = 0; bar < bars; bar += 1) most = Math.max(most, totalOf(histogram, bar));
  const place = width / bars;
  for (let bar = 0; bar < bars; bar += 1) {
    let bottom = HEIGHT;
    for (const [level, token] of SHOWN) {
      const count = histogram[level][bar] ?? 0;
      if (count === 0) continue;
      // What there is at all is to be seen.
      const height = Math.max(1.5, (count / most) * HEIGHT);
      context.fillStyle = palette.colour(token);
      context.fillRect(bar * place, bottom - height, Math.max(1, place * FILLED), height);
      bottom -= height;
    }
  }
};

const wordsOf = (histogram: LogHistogram, bar: number, time: (ms: number) => string): string => {
  const { error, warn } = histogram;
  const parts = [
    time(histogram.from + bar * histogram.step_ms),
    countText(totalOf(histogram, bar), 'line'),
    (error[bar] ?? 0) > 0 ? countText(error[bar] ?? 0, 'error') : '',
    (warn[bar] ?? 0) > 0 ? countText(warn[bar] ?? 0, 'warning') : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
};

export const HistogramBar = ({
  histogram,
  label,
  onPick,
}: {
  readonly histogram: LogHistogram;
  readonly label: string;
  readonly onPick: (from: number, to: number) => void;
}): JSX.Element => {
  const { palette, time, now } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  /** As a moment: bars move on as time does. */
  const [cursor, setCursor] = useState<number | undefined>(undefined);
  const [isFocused, setFocused] = useState(false);
  const bars = barCount(histogram);
  const { value: colours } = palette;
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return undefined;
    paint(current, histogram, colours);
    const observer = new ResizeObserver(() => paint(current, histogram, colours));
    observer.observe(current);
    return () => observer.disconnect();
  }, [histogram, colours]);
  const startOf = (bar: number): number => histogram.from + bar * histogram.step_ms;
  const pick = (bar: number): void => {
    setCursor(startOf(bar));
    onPick(startOf(bar), startOf(bar + 1));
  };
  const barUnder = (event: MouseEvent): number => {
    const box = canvas.current?.getBoundingClientRect();
    const share = box === undefined ? 0 : (event.clientX - box.left) / box.width;
    return Math.max(0, Math.min(bars - 1, Math.floor(share * bars)));
  };
  const at = cursor === undefined ? bars - 1 : barAt(histogram, cursor);
  const onKey = (event: KeyboardEvent): void => {
    const target = barAfter(event.key, at, bars);
    const isPick = event.key === 'Enter' || event.key === ' ';
    if (target === undefined && !isPick) return;
    // Both keys mean something else to the page around.
    event.preventDefault();
    event.stopPropagation();
    if (target === undefined) pick(at);
    else setCursor(startOf(target));
  };
  const format = (ms: number): string =>
    time.isSameDay(ms, now()) ? time.clock(ms) : time.stamp(ms);
  const told = pointed ?? (isFocused ? at : undefined);
  return (
    <div
      class="log-histogram"
      role="slider"
      tabIndex={0}
      aria-label={`${label}; Enter goes there`}
      aria-valuemin={0}
      aria-valuemax={bars - 1}
      aria-valuenow={at}
      aria-valuetext={wordsOf(histogram, at, format)}
      onKeyDown={onKey}
      onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
      onBlur={() => setFocused(false)}
      onClick={(event) => pick(barUnder(event))}
      onPointerMove={(event) => setPointed(barUnder(event))}
      onPointerLeave={() => setPointed(undefined)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {isFocused ? (
        <span
          class="log-cursor"
          aria-hidden="true"
          style={{ left: `${(at / bars) * 100}%`, width: `${100 / bars}%` }}
        />
      ) : null}
      {told === undefined ? null : (
        <span
          class="log-tip"
          aria-hidden="true"
          style={{ left: `${Math.max(8, Math.min(92, ((told + 0.5) / bars) * 100))}%` }}
        >
          {wordsOf(histogram, told, format)}
        </span>
      )}
    </div>
  );
};
