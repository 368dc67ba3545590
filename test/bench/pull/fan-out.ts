/** What a frame of the fleet costs, by the number of browsers that watch. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startFarm } from '../../fakes/guest-farm/farm.ts';
import { ask } from '../../support/http-client.ts';
import { freePort } from '../../support/service-process.ts';
import type { FanOutFigures } from './figures.ts';
import { countsBetween } from './manager-metrics.ts';
import type { LoadTools } from './measure-load.ts';
import { prepareData, startManager, type OurManager } from './our-manager.ts';
import type { Fleet, Plan } from './plan.ts';
import { readUse, sharesBetween } from './use.ts';
import { startWatchers, type Watchers } from './watchers-process.ts';

const TOKENS = 12;
const createdSchema = z.object({ token: z.string() });

const makeTokens = async ({ port, token }: OurManager): Promise<string[]> => {
  const made: string[] = [];
  for (let index = 0; index < TOKENS; index += 1) {
    const { text } = await ask({ host: '127.0.0.1', port }, '/v1/tokens', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `watcher-${index}`, role: 'viewer' }),
    });
    made.push(createdSchema.parse(JSON.parse(text)).token);
  }
  return made;
};

interface Window {
  readonly cpuShare: number;
  readonly seconds: number;
  readonly frames: number;
  readonly dropped: number;
  readonly bytes: number;
  readonly received: number;
}

const measureWindow = async (
  manager: OurManager,
  watchers: Watchers,
  windowMs: number,
  signal: AbortSignal,
): Promise<Window> => {
  const first = await manager.metrics();
  const receivedBefore = await watchers.received();
  const before = readUse(manager);
  await sleep(windowMs, undefined, { signal });
  manager.assertAlive();
  const after = readUse(manager);
  const received = (await watchers.received()) - receivedBefore;
  const last = await manager.metrics();
  const { framesSent, framesDropped, frameBytes } = countsBetween(first, last);
  return {
    cpuShare: sharesBetween(before, after).all,
    seconds: (last.at - first.at) / 1_000,
    frames: framesSent,
    dropped: framesDropped,
    bytes: frameBytes,
    received,
  };
};

export const measureFanOut = async (
  fleet: Fleet,
  plan: Plan,
  tools: LoadTools,
): Promise<FanOutFigures[]> => {
  const { signal } = tools;
  const port = await freePort();
  const data = await prepareData(tools, fleet, port);
  const farm = await startFarm({ path: tools.farmPath, guests: fleet.guests, port });
  let watchers: Watchers | undefined;
  try {
    const manager = await startManager(tools, data, fleet.intervalMs);
    try {
      watchers = startWatchers(manager.port, await makeTokens(manager), signal);
      await sleep(plan.warmUpMs, undefined, { signal });
      const alone = await measureWindow(manager, watchers, plan.fanOutWindowMs, signal);
      const figures: FanOutFigures[] = [];
      for (const sockets of plan.sockets) {
        await watchers.reach(sockets);
        await sleep(plan.fanOutWarmUpMs, undefined, { signal });
        const one = await measureWindow(manager, watchers, plan.fanOutWindowMs, signal);
        const framesPerSecond = one.frames / one.seconds;
        figures.push({
          sockets,
          guests: fleet.guests,
          cpuUsPerFrame: ((one.cpuShare - alone.cpuShare) / framesPerSecond) * 1e6,
          framesPerSecond,
          frameBytes: one.bytes / one.frames,
          dropped: one.dropped,
          received: one.received,
        });
      }
      return figures;
    } finally {
      watchers?.close();
      await manager.stop();
    }
  } finally {
    await farm.stop();
  }
};
