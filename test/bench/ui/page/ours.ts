/** The charts of the UI as a VM's page has them: axes by chart.js, lines and figures by us. */
import { signal } from '@preact/signals';
import { h, render } from 'preact';
import type {
  ChartGroup,
  ChartSpec,
  EventMark,
} from '../../../../apps/ui/src/charts/chart-spec.ts';
import { makeSampleBuffer, ORIGIN_GUEST } from '../../../../apps/ui/src/charts/samples.ts';
import { TimeChart } from '../../../../apps/ui/src/charts/time-chart.tsx';
import { makeFrames } from '../../../../apps/ui/src/state/frames.ts';
import { followPalette } from '../../../../apps/ui/src/ui/palette.ts';
import { makeBoxes, sayReady } from './boxes.ts';
import { CHARTS, makeFeed, POINTS, SERIES, STEP_MS, type Point } from './feed.ts';

const columns = Array.from({ length: CHARTS * SERIES }, (_, index) => `series${index}`);
const buffer = makeSampleBuffer(columns, POINTS, STEP_MS);
const tick = signal(0);
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

const push = ({ time, values }: Point): void => {
  buffer.push({ time, origin: ORIGIN_GUEST, values });
  tick.value += 1;
};

const group: ChartGroup = {
  frames: makeFrames(window),
  palette: followPalette(window),
  samples: () => buffer.view(),
  newest: () => undefined,
  span: () => {
    const to = buffer.lastTime() ?? Date.now();
    return { from: to - (POINTS - 1) * STEP_MS, to };
  },
  tick,
  crosshair: signal(undefined),
  marks: signal<readonly EventMark[]>([]),
  beginsAt: () => undefined,
  reasonOf: () => '',
  whyUnknown: () => '',
  zoom: () => {},
  backToLive: () => {},
  setWidth: () => {},
  tickLabel: (time) => clock.format(time),
  momentLabel: (time) => clock.format(time),
  offsetMs: () => 0,
};

const makeSpec = (chart: number): ChartSpec => ({
  id: `chart${chart}`,
  title: `Chart ${chart + 1}`,
  unit: 'number',
  mode: 'line',
  series: ['--s1', '--s2'].map((colour, index) => ({
    column: `series${chart * SERIES + index}`,
    label: `series ${index + 1}`,
    colour,
    isFilled: true,
  })),
  headline: (of) => ({ figure: of(`series${chart * SERIES}`).toFixed(1), unit: '' }),
});

const feed = makeFeed();
for (const point of feed.points) push(point);
for (const [chart, box] of makeBoxes().entries()) {
  render(h(TimeChart, { spec: makeSpec(chart), group }), box);
}
feed.follow(push);
sayReady();
