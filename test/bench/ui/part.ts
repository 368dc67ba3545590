/** `npm run bench -- ui`: what the pages cost a browser, with a real manager and a fleet. */
import { join } from 'node:path';
import { buildManager } from '../../../scripts/build/bundle.ts';
import { buildPages } from '../../../scripts/build/pages.ts';
import { root } from '../../../scripts/root.ts';
import { obtainFarm } from '../../fakes/guest-farm/farm.ts';
import { makeChildren } from '../measure/children.ts';
import type { PartContext, PartResult } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { makeReachable } from '../store/database.ts';
import { serveBenchPages } from './bench-pages.ts';
import { makeBrowsers } from './browser.ts';
import { measureBundle } from './bundle-sizes.ts';
import type { RunFigures } from './figures.ts';
import { startFleet } from './fleet.ts';
import { measureCharts, measureReference } from './measure-charts.ts';
import { measureFleet } from './measure-fleet.ts';
import { measurePaint } from './measure-paint.ts';
import { measureVm } from './measure-vm.ts';
import { makePlan } from './plan.ts';
import { waitForPast, type Session } from './session.ts';
import { formatUiSection } from './tables.ts';

const measureRun = async (
  session: Session,
  progress: (line: string) => void,
): Promise<RunFigures> => {
  const reference = await measureReference(session);
  progress(`  reference: ${formatNumber(reference.mainMs)} ms/s on the main thread`);
  const charts = await measureCharts(session);
  const { ours, uplot, chartJs } = charts;
  const three = [ours, uplot, chartJs].map(({ mainMs }) => formatNumber(mainMs)).join(', ');
  progress(`  six charts, ours, uPlot, chart.js: ${three} ms/s`);
  await waitForPast(session);
  const fleet = await measureFleet(session);
  progress(`  fleet: ${formatNumber(fleet.busy.mainMs)} ms/s`);
  const vm = await measureVm(session);
  progress(`  VM: ${formatNumber(vm.busy.mainMs)} ms/s`);
  return { reference, charts, fleet, vm, paint: await measurePaint(session) };
};

export const benchUi = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, folder, signal, progress } = context;
  if (process.platform !== 'linux') throw new Error('the farm of guests runs on Linux only');
  const plan = makePlan(quick);
  const farm = await obtainFarm();
  if (!farm.ok) throw new Error(`${farm.reason}. To have it: ${farm.install}`);
  const browsers = await makeBrowsers(signal);
  const { folder: dist } = await buildPages();
  const sizes = measureBundle(join(root, dist));
  const { path: bundle } = await buildManager();
  makeReachable(folder);
  const own = join(folder, 'ui');
  makeReachable(own);
  const children = makeChildren();
  try {
    const tools = { bundle, folder: own, children, signal, farmPath: farm.path };
    const pages = await serveBenchPages();
    try {
      const fleet = await startFleet(plan, tools);
      try {
        const session: Session = { plan, browsers, pages, fleet, signal };
        const measured: RunFigures[] = [];
        for (let run = 0; run < runs; run += 1) {
          progress(`run ${run + 1} of ${runs}`);
          measured.push(await measureRun(session, progress));
        }
        const results = { plan, browser: browsers.version, sizes, runs: measured };
        return { markdown: formatUiSection(results), data: results };
      } finally {
        await fleet.stop();
      }
    } finally {
      await pages.close();
    }
  } finally {
    await children.stopAll();
  }
};
