/** Six charts by each contender on the same data, and the page that never changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchPage } from './bench-pages.ts';
import { busyFor } from './cpu.ts';
import type { Busy, ChartFigures } from './figures.ts';
import type { Session } from './session.ts';

const measurePage = async (
  { plan, browsers, pages, signal }: Session,
  name: BenchPage,
): Promise<Busy> =>
  browsers.withPage(async (open) => {
    await open.page.goto(pages.urlOf(name));
    await open.page.locator('html[data-ready]').waitFor({ state: 'attached' });
    await sleep(plan.warmUpMs, undefined, { signal });
    return busyFor(open, plan.windowMs, signal);
  });

export const measureReference = async (session: Session): Promise<Busy> =>
  measurePage(session, 'reference');

export const measureCharts = async (session: Session): Promise<ChartFigures> => ({
  ours: await measurePage(session, 'ours'),
  uplot: await measurePage(session, 'uplot'),
  chartJs: await measurePage(session, 'chart-js'),
});
