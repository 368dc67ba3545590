/** One chart over time: heading, legend, lines, crosshair, and the same in numbers for who listens. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChartGroup, ChartSpec } from './chart-spec.ts';
import { mountChart, type ChartParts } from './mount-chart.ts';
import { summarise, type SummaryRow } from './summary.ts';
import './time-chart.css';

const SUMMARY_MS = 10_000;
/** The first one soon, when there is something to say. */
const FIRST_SUMMARY_MS = 1_000;

const Summary = ({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly SummaryRow[];
}): JSX.Element => (
  <div class="visually-hidden">
    <table>
      <caption>{title} in the range that is shown</caption>
      <thead>
        <tr>
          <th scope="col">Series</th>
          <th scope="col">Latest</th>
          <th scope="col">Least</th>
          <th scope="col">Largest</th>
          <th scope="col">Mean</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, latest, least, largest, mean }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{latest}</td>
            <td>{least}</td>
            <td>{largest}</td>
            <td>{mean}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const elementsOf = (root: HTMLElement, selector: string): readonly HTMLElement[] => [
  ...root.querySelectorAll<HTMLElement>(selector),
];

const partsOf = (root: HTMLElement, canvas: HTMLCanvasElement): ChartParts | undefined => {
  const find = (selector: string): HTMLElement | undefined => elementsOf(root, selector)[0];
  const plot = find('.chart-plot');
  const figure = find('.chart-figure');
  const unit = find('.chart-unit');
  const why = find('.chart-why');
  const selection = find('.chart-selection');
  if (!plot || !figure || !unit || !why || !selection) return undefined;
  return {
    canvas,
    plot,
    figure,
    unit,
    why,
    selection,
    values: elementsOf(root, '.chart-key b'),
    overlayKey: find('.chart-key-host'),
  };
};

export const TimeChart = ({
  spec,
  group,
}: {
  readonly spec: ChartSpec;
  readonly group: ChartGroup;
}): JSX.Element => {
  const root = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [summary, setSummary] = useState<readonly SummaryRow[]>([]);
  useEffect(() => {
    if (root.current === null || canvas.current === null) return undefined;
    const parts = partsOf(root.current, canvas.current);
    if (parts === undefined) return undefined;
    const chart = mountChart(parts, spec, group);
    const describe = (): void => {
      const frame = chart.frame();
      if (frame !== undefined && !document.hidden) setSummary(summarise(frame, spec));
    };
    const first = setTimeout(describe, FIRST_SUMMARY_MS);
    const timer = setInterval(describe, SUMMARY_MS);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
      chart.stop();
    };
  }, [spec, group]);
  const { overlay } = spec;
  return (
    <section ref={root} class="chart" aria-labelledby={`chart-${spec.id}`}>
      <header class="chart-head">
        <h2 id={`chart-${spec.id}`}>{spec.title}</h2>
        <span class="chart-now">
          <span class="chart-figure" />
          <small class="chart-unit" />
          <span class="visually-hidden chart-why" />
        </span>
      </header>
      <div class="chart-keys">
        {spec.series.map(({ column, label, colour }) => (
          <span key={column} class="chart-key">
            <i style={{ background: `var(${colour})` }} />
            {label}
            <b />
          </span>
        ))}
        {overlay === undefined ? null : (
          <span class="chart-key chart-key-host" hidden>
            <i />
            {overlay.label}
            <b />
          </span>
        )}
      </div>
      <div
        class="chart-plot"
        tabIndex={0}
        role="slider"
        aria-label={`${spec.title}: moment`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={100}
        aria-valuetext="now"
        aria-keyshortcuts="ArrowLeft ArrowRight Home End + -"
      >
        <canvas ref={canvas} aria-hidden="true" />
        <span class="chart-selection" hidden />
      </div>
      <Summary title={spec.title} rows={summary} />
    </section>
  );
};
