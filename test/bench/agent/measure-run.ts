/** One run: every agent once through every measurement, in fresh processes. */

import { setTimeout as sleep } from 'node:timers/promises';
import { cpuBetween, readCpuTime } from '../measure/cpu-time.ts';
import type { Children } from '../measure/children.ts';
import { startScraper, type Scraper } from '../measure/scraper-process.ts';
import { readMemory, type MemoryUse } from '../measure/smaps.ts';
import { formatNumber } from '../report/markdown.ts';
import { percentile } from '../report/statistics.ts';
import { dropFromCache } from './cold.ts';
import type { Contender, Key } from './contender.ts';
import { measureBody } from './exposition.ts';
import type { Idle, RunFigures, Scraped } from './figures.ts';
import { PACE_MS, pacedScrapesOf, type Plan } from './plan.ts';
import { startContender, type Running } from './running.ts';

export interface RunTools {
  readonly plan: Plan;
  readonly children: Children;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

interface Loaded {
  readonly firstAnswerMs: number;
  readonly body: RunFigures['body'];
  readonly paced: Scraped;
  readonly hot: Scraped;
  /** Goes on while the next agent is measured: this one only waits. */
  readonly later: Promise<MemoryUse | undefined>;
}

const measureStart = async (contender: Contender, tools: RunTools): Promise<number> => {
  const running = await startContender(contender, tools.children, tools.signal);
  await running.stop();
  return running.firstAnswerMs;
};

/** Undefined where its files stay in the page cache. */
const measureColdStart = async (
  contender: Contender,
  tools: RunTools,
): Promise<number | undefined> =>
  dropFromCache(contender.command(0)) ? await measureStart(contender, tools) : undefined;

/** Side by side: who is not asked does not disturb the others. */
const measureIdle = async (
  contenders: readonly Contender[],
  tools: RunTools,
): Promise<Map<Key, Idle & { readonly startMs: number }>> => {
  const { plan, children, signal } = tools;
  const started: { readonly key: Key; readonly running: Running }[] = [];
  for (const contender of contenders) {
    const running = await startContender(contender, children, signal);
    started.push({ key: contender.key, running });
  }
  await sleep(plan.idleMs, undefined, { signal });
  const before = started.map(({ running }) => ({
    at: performance.now(),
    memory: readMemory(running.pid),
    cpu: readCpuTime(running.pid),
  }));
  await sleep(plan.idleWindowMs, undefined, { signal });
  const idle = new Map<Key, Idle & { readonly startMs: number }>();
  for (const [index, { key, running }] of started.entries()) {
    running.assertAlive();
    const first = before[index];
    if (first === undefined) throw new Error(`${key} has no first reading`);
    const cpuMs = cpuBetween(first.cpu, readCpuTime(running.pid));
    const seconds = (performance.now() - first.at) / 1000;
    const cpuMsPerSecond = cpuMs / seconds;
    idle.set(key, { memory: first.memory, cpuMsPerSecond, startMs: running.firstAnswerMs });
  }
  await Promise.all(started.map(async ({ running }) => await running.stop()));
  return idle;
};

const measureScrapes = async (
  { pid }: Running,
  scraper: Scraper,
  order: Parameters<Scraper['scrape']>[0],
): Promise<Scraped> => {
  const before = readCpuTime(pid);
  const { latenciesMs } = await scraper.scrape(order);
  const cpuMs = cpuBetween(before, readCpuTime(pid));
  return {
    scrapes: order.count,
    cpuMsPerScrape: cpuMs / order.count,
    latencyP50Ms: percentile(latenciesMs, 50),
    latencyP99Ms: percentile(latenciesMs, 99),
    memory: readMemory(pid),
  };
};

const waitAndRead = async (running: Running, tools: RunTools): Promise<MemoryUse> => {
  await sleep(tools.plan.afterMs, undefined, { signal: tools.signal });
  running.assertAlive();
  const memory = readMemory(running.pid);
  await running.stop();
  return memory;
};

const measureLoad = async (contender: Contender, tools: RunTools): Promise<Loaded> => {
  const { plan, children, signal } = tools;
  const path = contender.scrapePath;
  const running = await startContender(contender, children, signal);
  await sleep(contender.settleMs, undefined, { signal });
  const scraper = startScraper(running.port, signal);
  try {
    // The first scrape opens what later ones keep open; it is not counted.
    const { lastBody } = await scraper.scrape({ path, count: 1, everyMs: 0 });
    const count = pacedScrapesOf(plan, contender);
    const paced = await measureScrapes(running, scraper, { path, count, everyMs: PACE_MS });
    const hotOrder = { path, count: plan.hotScrapes, everyMs: 0 };
    const hot = await measureScrapes(running, scraper, hotOrder);
    const isWhole = contender.figures === 'all';
    const later = isWhole ? waitAndRead(running, tools) : running.stop().then(() => undefined);
    // Whoever waits for it sees the failure; until then it is nobody's.
    later.catch(() => undefined);
    const { firstAnswerMs } = running;
    return { firstAnswerMs, body: measureBody(lastBody), paced, hot, later };
  } catch (error) {
    running.assertAlive();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${contender.name}: ${message}`, { cause: error });
  } finally {
    scraper.close();
  }
};

/**
 * Another one first in each run, so that what the machine does meanwhile meets all of them. netdata
 * stays last: it works every second, also while it waits, and nobody else is to pay for that.
 */
export const orderOf = <Item extends Pick<Contender, 'key'>>(
  contenders: readonly Item[],
  run: number,
): Item[] => {
  const busy = contenders.filter(({ key }) => key === 'netdata');
  const quiet = contenders.filter(({ key }) => key !== 'netdata');
  const first = quiet.length === 0 ? 0 : run % quiet.length;
  return [...quiet.slice(first), ...quiet.slice(0, first), ...busy];
};

export const measureRun = async (
  contenders: readonly Contender[],
  run: number,
  tools: RunTools,
): Promise<Map<Key, RunFigures>> => {
  const { plan, progress } = tools;
  const order = orderOf(contenders, run);
  const starts = new Map<Key, number[]>();
  for (const { key } of order) starts.set(key, []);
  for (let extra = 0; extra < plan.extraStarts; extra += 1) {
    for (const contender of order) {
      starts.get(contender.key)?.push(await measureStart(contender, tools));
    }
  }
  const whole = order.filter(({ figures }) => figures === 'all');
  const coldStarts = new Map<Key, number | undefined>();
  for (const contender of whole) {
    coldStarts.set(contender.key, await measureColdStart(contender, tools));
  }
  const idle = await measureIdle(whole, tools);
  progress(`  started and idle: done`);

  const loads = new Map<Key, Loaded>();
  for (const contender of order) {
    const load = await measureLoad(contender, tools);
    loads.set(contender.key, load);
    const { paced, hot } = load;
    progress(
      `  ${contender.name}: ${formatNumber(paced.cpuMsPerScrape)} ms of CPU per scrape paced, ` +
        `${formatNumber(hot.cpuMsPerScrape)} hot, ` +
        `${formatNumber(hot.memory.residentBytes / 1e6)} MB resident`,
    );
  }

  const figures = new Map<Key, RunFigures>();
  for (const [key, { firstAnswerMs, body, paced, hot, later }] of loads) {
    const waited = idle.get(key);
    const startMs = [...(starts.get(key) ?? []), firstAnswerMs];
    if (waited !== undefined) startMs.push(waited.startMs);
    const { memory, cpuMsPerSecond } = waited ?? {};
    figures.set(key, {
      startMs,
      coldStartMs: coldStarts.get(key),
      body,
      paced,
      hot,
      idle:
        memory === undefined || cpuMsPerSecond === undefined
          ? undefined
          : { memory, cpuMsPerSecond },
      memoryLater: await later,
    });
  }
  return figures;
};
