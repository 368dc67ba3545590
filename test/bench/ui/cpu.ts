/** How busy a page is, by what the browser counts of its threads. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenPage } from './browser.ts';
import type { Busy } from './figures.ts';

interface Counters {
  readonly wall: number;
  readonly task: number;
  readonly script: number;
  readonly layout: number;
  readonly main: number;
  readonly process: number;
}

/** In seconds; the main thread of a process has the number of the process. */
const readMainThread = (pid: number): number => {
  const [ns] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  return Number(ns) / 1e9;
};

/** All in seconds. Those of tasks are CPU of the thread and not time that has passed. */
const readCounters = async ({ cdp, browserCdp }: OpenPage): Promise<Counters> => {
  const { processInfo } = await browserCdp.send('SystemInfo.getProcessInfo');
  // The page's, and perhaps one that waits for a page and does nothing.
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const valueOf = (name: string): number => {
    const found = metrics.find((metric) => metric.name === name);
    if (found === undefined) throw new Error(`the browser does not count ${name}`);
    return found.value;
  };
  return {
    wall: valueOf('Timestamp'),
    task: valueOf('TaskDuration'),
    script: valueOf('ScriptDuration'),
    layout: valueOf('LayoutDuration') + valueOf('RecalcStyleDuration'),
    main: renderers.reduce((sum, { id }) => sum + readMainThread(id), 0),
    process: renderers.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
  };
};

/** While `work` goes on. */
export const busyDuring = async (open: OpenPage, work: () => Promise<unknown>): Promise<Busy> => {
  await open.cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await readCounters(open);
  await work();
  const after = await readCounters(open);
  const perSecond = (of: (counters: Counters) => number): number =>
    ((of(after) - of(before)) / (after.wall - before.wall)) * 1_000;
  await open.cdp.send('Performance.disable');
  return {
    taskMs: perSecond(({ task }) => task),
    scriptMs: perSecond(({ script }) => script),
    layoutMs: perSecond(({ layout }) => layout),
    mainMs: perSecond(({ main }) => main),
    processMs: perSecond(({ process }) => process),
  };
};

export const busyFor = async (open: OpenPage, ms: number, signal: AbortSignal): Promise<Busy> =>
  busyDuring(open, async () => sleep(ms, undefined, { signal }));
