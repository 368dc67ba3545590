/** The lines of a view over time, drawn anew once a second at most. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { HistogramBar } from './histogram-bar.tsx';
import { makeHistogram } from './histogram.ts';
import { useLogModel } from './log-model.ts';
import type { LogView } from './log-view.ts';
import type { Row } from './row.ts';

/** So many slow beats. */
const REDRAW_EVERY = 4;
const BARS = 180;

function* visibleRows({ rows: { ring, index } }: LogView): Generator<Row> {
  for (let position = 0; position < index.visible.length; position += 1) {
    const row = ring.at(index.visible.at(position) ?? ring.end);
    if (row !== undefined) yield row;
  }
}

export const ViewHistogram = (): JSX.Element => {
  const { now } = useApp();
  const { view, goToTime } = useLogModel();
  const drawn = Math.floor(view.slowTick.value / REDRAW_EVERY);
  const { wanted } = view.rows.index;
  const histogram = useMemo(() => {
    const { ring, index } = view.rows;
    const first = ring.at(index.visible.at(0) ?? ring.end)?.at ?? now();
    const last = ring.at(index.visible.at(index.visible.length - 1) ?? ring.end)?.at ?? now();
    const to = view.moment === undefined ? Math.max(last, now()) : last;
    return makeHistogram(visibleRows(view), Math.min(first, to), to, BARS);
  }, [view, drawn, wanted]);
  return <HistogramBar histogram={histogram} label="Lines over time" onPick={goToTime} />;
};
