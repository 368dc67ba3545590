/**
 * chart.js as the engine of a chart's axes: it measures, lays out, follows the size of its box and
 * the density of the screen, and draws the axis of the values. What is between is drawn by us: with
 * its own lines, a page of live charts costs four times as much.
 */
import { Chart, LinearScale, type ChartOptions } from 'chart.js';
import type { Palette } from '../ui/palette.ts';
import type { Area } from './trace.ts';
import { axisLabel, type ValueAxis, type ValueUnit } from './value-axis.ts';

Chart.register(LinearScale);

export interface Axes {
  /** Draws again; lays out anew only where the axis or the colours have changed. */
  draw(axis: ValueAxis, palette: Palette): void;
  readonly area: () => Area;
  destroy(): void;
}

const LABEL_WIDTH = 47;

const makeOptions = (
  axis: ValueAxis,
  unit: ValueUnit,
  palette: Palette,
  onResize: () => void,
): ChartOptions<'line'> => {
  const [bottom = 0] = axis.ticks;
  return {
    animation: false,
    events: [],
    responsive: true,
    maintainAspectRatio: false,
    onResize,
    layout: { padding: { top: 9, right: 1, bottom: 20, left: 0 }, autoPadding: false },
    scales: {
      y: {
        type: 'linear',
        min: bottom,
        max: axis.top,
        border: { display: false },
        grid: {
          color: ({ tick }) => palette.colour(tick.value === 0 ? '--line' : '--line-2'),
          drawTicks: false,
        },
        ticks: {
          color: palette.colour('--tx-3'),
          padding: 6,
          font: { family: palette.font, size: 10 },
          callback: (value) => axisLabel(Number(value), unit, axis.top),
        },
        afterBuildTicks: (scale) => {
          scale.ticks = axis.ticks.map((value) => ({ value }));
        },
        afterFit: (scale) => {
          scale.width = LABEL_WIDTH;
        },
      },
    },
  };
};

export const makeAxes = ({
  canvas,
  unit,
  onDraw,
  onResize,
}: {
  readonly canvas: HTMLCanvasElement;
  readonly unit: ValueUnit;
  readonly onDraw: (context: CanvasRenderingContext2D) => void;
  readonly onResize: () => void;
}): Axes => {
  let shown: { readonly axis: ValueAxis; readonly palette: Palette } | undefined;
  let chart: Chart<'line'> | undefined;
  return {
    draw: (axis, palette) => {
      const isSame =
        shown?.palette === palette &&
        shown.axis.top === axis.top &&
        shown.axis.ticks.length === axis.ticks.length;
      shown = { axis, palette };
      if (chart === undefined) {
        chart = new Chart(canvas, {
          type: 'line',
          data: { datasets: [] },
          options: makeOptions(axis, unit, palette, onResize),
          plugins: [{ id: 'lines', beforeDatasetsDraw: ({ ctx }) => onDraw(ctx) }],
        });
      } else if (isSame) {
        chart.draw();
      } else {
        chart.options = makeOptions(axis, unit, palette, onResize);
        chart.update('none');
      }
    },
    area: () => chart?.chartArea ?? { left: 0, right: 0, top: 0, bottom: 0 },
    destroy: () => chart?.destroy(),
  };
};
