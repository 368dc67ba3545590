/** The same data in chart.js as its manual advises for much data: its own lines, legend, decimation. */
import {
  Chart,
  Decimation,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { COLOURS, FILLS, makeBoxes, sayReady } from './boxes.ts';
import { makeFeed, SERIES, type Point } from './feed.ts';

Chart.register(
  Decimation,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const feed = makeFeed();

const makeChart = (chart: number, box: HTMLElement): ((point: Point) => void) => {
  const canvas = document.createElement('canvas');
  box.append(canvas);
  const lines = Array.from({ length: SERIES }, (_, index) =>
    feed.points.map(({ time, values }) => ({ x: time, y: values[chart * SERIES + index] ?? 0 })),
  );
  const drawn = new Chart(canvas, {
    type: 'line',
    data: {
      datasets: lines.map((data, index) => ({
        label: `series ${index + 1}`,
        data,
        borderColor: COLOURS[index] ?? '#888',
        backgroundColor: FILLS[index] ?? '#8882',
        borderWidth: 1,
        pointRadius: 0,
        fill: true,
      })),
    },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      maintainAspectRatio: false,
      plugins: { decimation: { enabled: true, algorithm: 'min-max' } },
      scales: {
        x: {
          type: 'linear',
          bounds: 'data',
          ticks: { maxRotation: 0, callback: (value) => clock.format(Number(value)) },
        },
        y: { type: 'linear', beginAtZero: true },
      },
    },
  });
  return ({ time, values }) => {
    for (const [index, line] of lines.entries()) {
      line.shift();
      line.push({ x: time, y: values[chart * SERIES + index] ?? 0 });
      const dataset = drawn.data.datasets[index];
      // Decimation has put its own selection in place of the data.
      if (dataset !== undefined) dataset.data = line;
    }
    drawn.update('none');
  };
};

const charts = makeBoxes().map((box, chart) => makeChart(chart, box));
feed.follow((point) => {
  for (const push of charts) push(point);
});
sayReady();
