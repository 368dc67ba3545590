/** The lines of a view over time, drawn anew once a second at most. */
import type { LogHistogram } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { HistogramBar } from './histogram-bar.tsx';
import { makeHistogram } from './histogram.ts';
import { useLogModel } from './log-model.ts';
import type { LogView } from './log-view.ts';
import type { Wanted } from './row-index.ts';
import type { Row } from './row.ts';

const REDRAW_MS = 1_000;
const BARS = 180;

interface Drawn {
  readonly at: number;
  readonly view: LogView;
  readonly wanted: Wanted;
  readonly isEmpty: boolean;
  readonly histogram: LogHistogram;
}

function* visibleRows({ rows: { ring, index } }: LogView): Generator<Row> {
  for (let position = 0; position < index.visible.length; position += 1) {
    const row = ring.at(index.visible.at(position) ?? ring.end);
    if (row !== undefined) yield row;
  }
}

const histogramOf = (view: LogView, now: number): LogHistogram => {
  const { ring, index } = view.rows;
  const first = ring.at(index.visible.at(0) ?? ring.end)?.at ?? now;
  const last = ring.at(index.visible.at(index.visible.length - 1) ?? ring.end)?.at ?? now;
  const to = view.moment === undefined ? Math.max(last, now) : last;
  return makeHistogram(visibleRows(view), Math.min(first, to), to, BARS);
};

export const ViewHistogram = (): JSX.Element => {
  const { now } = useApp();
  const { view, goToTime } = useLogModel();
  const beat = view.slowTick.value;
  const [late, setLate] = useState(0);
  const drawn = useRef<Drawn | undefined>(undefined);
  const { index } = view.rows;
  const { wanted } = index;
  const isEmpty = index.visible.length === 0;
  const at = now();
  const before = drawn.current;
  const isFresh =
    before !== undefined &&
    before.view === view &&
    before.wanted === wanted &&
    before.isEmpty === isEmpty &&
    Math.abs(at - before.at) < REDRAW_MS;
  const shown = isFresh ? before : { at, view, wanted, isEmpty, histogram: histogramOf(view, at) };
  drawn.current = shown;
  useEffect(() => {
    if (!isFresh) return undefined;
    // Nothing else may come that would show the last of them.
    const timer = setTimeout(() => setLate(late + 1), REDRAW_MS);
    return () => clearTimeout(timer);
  }, [beat, late]);
  return <HistogramBar histogram={shown.histogram} label="Lines over time" onPick={goToTime} />;
};
