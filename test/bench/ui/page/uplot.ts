/** The same data in uPlot, with its axes and without its legend. */
import uPlot from 'uplot';
import { COLOURS, FILLS, HEIGHT, makeBoxes, sayReady, WIDTH } from './boxes.ts';
import { makeFeed, SERIES, type Point } from './feed.ts';

/** uPlot counts in seconds. */
const SECOND_MS = 1_000;

const feed = makeFeed();

const makeChart = (chart: number, box: HTMLElement): ((point: Point) => void) => {
  const times = feed.points.map(({ time }) => time / SECOND_MS);
  const lines = Array.from({ length: SERIES }, (_, index) =>
    feed.points.map(({ values }) => values[chart * SERIES + index] ?? 0),
  );
  const series = lines.map((_, index) => ({
    label: `series ${index + 1}`,
    stroke: COLOURS[index] ?? '#888',
    fill: FILLS[index] ?? '#8882',
    width: 1,
    points: { show: false },
  }));
  const plot = new uPlot(
    { width: WIDTH, height: HEIGHT, legend: { show: false }, series: [{}, ...series] },
    [times, ...lines],
    box,
  );
  return ({ time, values }) => {
    times.shift();
    times.push(time / SECOND_MS);
    for (const [index, line] of lines.entries()) {
      line.shift();
      line.push(values[chart * SERIES + index] ?? 0);
    }
    plot.setData([times, ...lines]);
  };
};

const charts = makeBoxes().map((box, chart) => makeChart(chart, box));
feed.follow((point) => {
  for (const push of charts) push(point);
});
sayReady();
