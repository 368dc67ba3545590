/** `npm run bench -- pull`: what pulling, storing and pushing a fleet costs, beside Prometheus. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildManager } from '../../../scripts/build/bundle.ts';
import { obtainFarm } from '../../fakes/guest-farm/farm.ts';
import { freePort } from '../../support/service-process.ts';
import { makeChildren } from '../measure/children.ts';
import type { PartContext, PartResult } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { makeReachable } from '../store/database.ts';
import type { Contender, Puller } from './contender.ts';
import { measureFanOut } from './fan-out.ts';
import type { FanOutFigures, FleetFigures, LoadFigures, PullFigures } from './figures.ts';
import { measureContender } from './measure-fleet.ts';
import { measureLoad, type LoadTools } from './measure-load.ts';
import { prepareData, startManager } from './our-manager.ts';
import { makePlan, type Fleet, type Plan } from './plan.ts';
import { obtainPrometheus, startPrometheus } from './prometheus.ts';
import { searchCapacity } from './search.ts';
import { formatPullSection } from './tables.ts';
import { startTlsFront } from './tls-front-process.ts';

/** The guests are reached through a process that decrypts for them, with a key of this run. */
const startEncrypted = async (
  tools: LoadTools,
  fleet: Fleet,
  farmPort: number,
): Promise<Puller> => {
  const front = await startTlsFront(farmPort, tools.signal);
  try {
    const prepared = await prepareData(tools, fleet, front.port, front.pin);
    const manager = await startManager(tools, prepared, fleet.intervalMs);
    return {
      ...manager,
      stop: async () => {
        await manager.stop();
        front.stop();
      },
    };
  } catch (error) {
    front.stop();
    throw error;
  }
};

const makeContenders = (tools: LoadTools, prometheus: string | undefined): Contender[] => {
  const data = new Map<Fleet, string>();
  const start: Contender['start'] = async (fleet, farmPort) => {
    const prepared = data.get(fleet) ?? (await prepareData(tools, fleet, farmPort));
    data.set(fleet, prepared);
    return startManager(tools, prepared, fleet.intervalMs);
  };
  const ours: Contender[] = [
    { key: 'ours', name: 'Innkeeper, compact samples', isFarmOld: false, start },
    { key: 'ours-whole', name: 'Innkeeper, whole samples', isFarmOld: true, start },
  ];
  ours.push({
    key: 'ours-tls',
    name: 'Innkeeper, compact samples over TLS',
    isFarmOld: false,
    start: async (fleet, farmPort) => startEncrypted(tools, fleet, farmPort),
  });
  if (prometheus === undefined) return ours;
  return [
    ...ours,
    {
      key: 'prometheus',
      name: 'Prometheus, text',
      isFarmOld: false,
      start: async (fleet, farmPort) =>
        startPrometheus({ ...tools, path: prometheus }, fleet, farmPort),
    },
  ];
};

/** Other ways of ours are compared where that is cheapest to measure: with the first fleet. */
const takesPart = ({ key }: Contender, fleet: Fleet, plan: Plan): boolean =>
  key === 'ours' || key === 'prometheus' || fleet === plan.fleets[0];

/** Each run begins with another one. */
const rotated = <Item>(items: readonly Item[], by: number): Item[] => {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
};

const compareFleet = async (
  fleet: Fleet,
  contenders: readonly Contender[],
  { runs, signal, progress }: PartContext,
  { plan, farmPath }: { readonly plan: Plan; readonly farmPath: string },
): Promise<FleetFigures> => {
  const farmPort = await freePort();
  const measured = contenders.map(({ key, name }) => ({
    key,
    name,
    runs: new Array<PullFigures>(),
  }));
  for (let run = 0; run < runs; run += 1) {
    for (const contender of rotated(contenders, run)) {
      const one = await measureContender(contender, fleet, farmPort, { plan, farmPath, signal });
      measured.find(({ key }) => key === contender.key)?.runs.push(one);
      const guests = `${fleet.guests} guests each ${fleet.intervalMs / 1_000} s`;
      const cpu = `${formatNumber(one.cpuUsPerPull)} ms of CPU per 1,000 pulls`;
      progress(`  run ${run + 1}, ${guests}, ${contender.name}: ${cpu}`);
    }
  }
  return { fleet, contenders: measured };
};

export const benchPull = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, folder, signal, progress } = context;
  if (process.platform !== 'linux') throw new Error('pulls are measured on Linux only');
  const plan = makePlan(quick);
  const farm = await obtainFarm();
  if (!farm.ok) throw new Error(`${farm.reason}. To have it: ${farm.install}`);
  const prometheus = await obtainPrometheus();
  const absent = prometheus.ok
    ? undefined
    : `${prometheus.reason}. To have it: ${prometheus.install}`;
  const built = await buildManager();
  makeReachable(folder);
  const own = join(folder, 'pull');
  makeReachable(own);
  const children = makeChildren();
  const farmPath = farm.path;
  const tools: LoadTools = { bundle: built.path, folder: own, children, signal, farmPath };
  try {
    const contenders = makeContenders(tools, prometheus.ok ? prometheus.path : undefined);
    const fleets: FleetFigures[] = [];
    for (const fleet of plan.fleets) {
      const some = contenders.filter((contender) => takesPart(contender, fleet, plan));
      fleets.push(await compareFleet(fleet, some, context, { plan, farmPath }));
    }
    const [first = plan.ill] = plan.fleets;
    const loads = [
      { name: `${first.guests}, all well`, fleet: first, runs: new Array<LoadFigures>() },
      { name: `${plan.ill.guests}, 7 % ill`, fleet: plan.ill, runs: new Array<LoadFigures>() },
    ];
    const fanOut: FanOutFigures[] = [];
    for (let run = 0; run < runs; run += 1) {
      for (const load of loads) {
        const one = await measureLoad(load.fleet, plan, tools);
        load.runs.push(one);
        progress(`  run ${run + 1}, ${load.name}: p99 at most ${formatNumber(one.p99Ms)} ms late`);
      }
      fanOut.push(...(await measureFanOut(first, plan, tools)));
    }
    const searches: LoadFigures[][] = [];
    for (const ladder of plan.ladders) {
      searches.push(await searchCapacity(plan, ladder, tools, progress));
    }
    const results = {
      plan,
      absent,
      fleets,
      loads,
      searches,
      fanOut,
      cores: availableParallelism(),
    };
    return { markdown: formatPullSection(results), data: results };
  } finally {
    await children.stopAll();
  }
};
