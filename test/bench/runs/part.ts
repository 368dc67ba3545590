/** `npm run bench -- runs`: commands through manager and agent, beside ssh. */
import { join } from 'node:path';
import { buildManager } from '../../../scripts/build/bundle.ts';
import { agentNodeFlags } from '../../../apps/manager/src/local-agent/agent-node-flags.ts';
import { bundleOn, NATIVE, type AgentBuild } from '../../support/agent-process.ts';
import { freePort } from '../../support/service-process.ts';
import { makeChildren } from '../measure/children.ts';
import type { PartContext, PartResult } from '../part.ts';
import { prepareData, startManager, type ManagerTools } from '../pull/our-manager.ts';
import { makeFleet } from '../pull/plan.ts';
import { formatNumber } from '../report/markdown.ts';
import { makeReachable } from '../store/database.ts';
import {
  measureFanOut,
  measureSshFanOut,
  type FanOutFigures,
  type SshFanOutFigures,
} from './measure-fan-out.ts';
import {
  measureOutput,
  measureSshOutput,
  type OutputFigures,
  type SshOutputFigures,
} from './measure-output.ts';
import { measureSpawns, measureStarts, type StartFigures } from './measure-starts.ts';
import { makePlan, type Plan } from './plan.ts';
import { openRunClient, withGuest } from './rig.ts';
import { obtainSsh, type Ssh } from './ssh.ts';
import { formatResults } from './tables.ts';

const INTERVAL_MS = 1_000;

const BUILDS: readonly AgentBuild[] = [
  { ...bundleOn(process.execPath, agentNodeFlags), name: "Node, the unit's flags" },
  ...(NATIVE.ok ? [{ name: 'native binary', command: [NATIVE.path] }] : []),
];

const makeBuild = ({ name }: AgentBuild) => ({
  name,
  starts: new Array<StartFigures>(),
  output: new Array<OutputFigures>(),
});

const makeSshFigures = (version: string) => ({
  version,
  starts: new Array<StartFigures>(),
  keptStarts: new Array<StartFigures>(),
  output: new Array<SshOutputFigures>(),
  fanOut: new Array<SshFanOutFigures>(),
});

type Say = (line: string) => void;
const sayStarts = (say: Say, name: string, { p50Ms, p99Ms }: StartFigures): void => {
  say(`  ${name}: first byte p50 ${formatNumber(p50Ms)}, p99 ${formatNumber(p99Ms)} ms`);
};
const saySpeed = (say: Say, name: string, plan: Plan, seconds: number): void => {
  say(`  ${name}: ${formatNumber(plan.outputBytes / 1e6 / seconds)} MB/s`);
};

const measureBuilds = async (
  plan: Plan,
  tools: ManagerTools,
  builds: readonly ReturnType<typeof makeBuild>[],
  say: Say,
): Promise<void> => {
  const agentPort = await freePort();
  const data = await prepareData(tools, makeFleet(1, INTERVAL_MS), agentPort);
  const manager = await startManager(tools, data, INTERVAL_MS, ['--keep-logs=off']);
  try {
    const client = await openRunClient(manager);
    try {
      for (const [index, figures] of builds.entries()) {
        const build = BUILDS[index];
        if (build === undefined) continue;
        await withGuest(manager, agentPort, build, async (guest) => {
          const starts = await measureStarts(client, guest, plan.starts);
          sayStarts(say, build.name, starts);
          figures.starts.push(starts);
          const output = await measureOutput(manager, client, guest, plan.outputBytes);
          saySpeed(say, build.name, plan, output.seconds);
          figures.output.push(output);
        });
      }
      manager.assertAlive();
    } finally {
      client.close();
    }
  } finally {
    await manager.stop();
  }
};

const measureSsh = async (
  plan: Plan,
  ssh: Ssh,
  figures: ReturnType<typeof makeSshFigures>,
  { signal, progress }: PartContext,
): Promise<void> => {
  const starts = await measureSpawns(ssh.command, plan.sshStarts);
  sayStarts(progress, 'ssh', starts);
  figures.starts.push(starts);
  const kept = await measureSpawns(ssh.kept, plan.sshStarts);
  sayStarts(progress, 'ssh, a kept connection', kept);
  figures.keptStarts.push(kept);
  const output = await measureSshOutput(ssh.command, ssh.pid, plan.outputBytes);
  saySpeed(progress, 'ssh', plan, output.seconds);
  figures.output.push(output);
  figures.fanOut.push(await measureSshFanOut(ssh.command, plan, signal));
};

export const benchRuns = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, folder, signal, progress } = context;
  const plan = makePlan(quick);
  const { path: bundle } = await buildManager();
  makeReachable(folder);
  const place = join(folder, 'runs');
  makeReachable(place);
  const obtained = await obtainSsh(folder);
  if (!obtained.ok) progress(`ssh: ${obtained.reason}`);
  const builds = BUILDS.map(makeBuild);
  const fanOut: FanOutFigures[] = [];
  const ssh = obtained.ok ? makeSshFigures(obtained.version) : obtained.reason;
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}`);
    const children = makeChildren();
    const tools: ManagerTools = { bundle, folder: place, children, signal };
    try {
      await measureBuilds(plan, tools, builds, progress);
      const figures = await measureFanOut(plan, tools);
      progress(
        `  ${plan.targets} guests: the last begins after ${formatNumber(figures.begunMs)} ms`,
      );
      fanOut.push(figures);
      if (obtained.ok && typeof ssh !== 'string') {
        const server = await obtained.start(children, signal);
        await measureSsh(plan, server, ssh, context);
        await server.stop();
      }
    } finally {
      await children.stopAll();
    }
  }
  const results = { plan, builds, fanOut, ssh };
  return { markdown: formatResults(results), data: results };
};
