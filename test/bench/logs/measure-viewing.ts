/** From the journal to the browser: all that needs a manager. */
import { join } from 'node:path';
import { buildManager } from '../../../scripts/build/bundle.ts';
import { buildPages } from '../../../scripts/build/pages.ts';
import { agentNodeFlags } from '../../../apps/manager/src/local-agent/agent-node-flags.ts';
import { bundleOn, NATIVE, type AgentBuild } from '../../support/agent-process.ts';
import { makeChildren } from '../measure/children.ts';
import type { PartContext } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { makeReachable } from '../store/database.ts';
import { makeBrowsers } from '../ui/browser.ts';
import { bundleProbes } from './line-pages.ts';
import { measureManyVms, measureOneVm, type MemoryFigures } from './measure-memory.ts';
import { measurePages, type PageFigures } from './measure-page.ts';
import { measurePainting, type PaintingFigures } from './measure-painting.ts';
import { measureThroughput, type ThroughputStep } from './measure-throughput.ts';
import type { Plan } from './plan.ts';
import { withRig, type RigTools } from './rig.ts';

export interface ThroughputFigures {
  /** Of the agent's build. */
  readonly name: string;
  readonly steps: readonly ThroughputStep[];
}

export interface ViewingFigures {
  readonly painting: readonly PaintingFigures[];
  readonly pages: readonly PageFigures[];
  readonly throughput: readonly ThroughputFigures[];
  readonly oneVm: MemoryFigures;
  readonly manyVms: MemoryFigures;
}

const MB = 1e6;
const formatMb = ({ beforeBytes, duringBytes }: MemoryFigures): string =>
  formatNumber((duringBytes - beforeBytes) / MB);

export interface Viewing {
  /** Of the browser. */
  readonly version: string;
  /** A reason where this machine cannot run a journald of its own. */
  measureRun(): Promise<ViewingFigures | { readonly reason: string }>;
  stop(): Promise<void>;
}

/** As the unit starts it. */
const UNIT: AgentBuild = bundleOn(process.execPath, agentNodeFlags);

const BUILDS: readonly AgentBuild[] = [
  { ...bundleOn(process.execPath), name: 'Node with the JIT' },
  { ...UNIT, name: "Node, the unit's flags" },
  ...(NATIVE.ok ? [{ name: 'native binary', command: [NATIVE.path] }] : []),
];

export const makeViewing = async (plan: Plan, context: PartContext): Promise<Viewing> => {
  const { signal, progress } = context;
  const browsers = await makeBrowsers(signal);
  await buildPages();
  const { path: bundle } = await buildManager();
  const probes = await bundleProbes();
  makeReachable(context.folder);
  const folder = join(context.folder, 'viewing');
  makeReachable(folder);
  const children = makeChildren();
  const tools: RigTools = { bundle, folder, children, signal };
  return {
    version: browsers.version,
    measureRun: async () => {
      const measured = await withRig(tools, async (rig) => {
        const oneVm = await measureOneVm(rig, plan, UNIT, signal);
        progress(`  ${oneVm.viewers} viewers of one VM: ${formatMb(oneVm)} MB more`);
        const use = { browsers, probes, build: UNIT };
        const painting = await measurePainting(rig, plan, use, signal);
        for (const { perSecond, p50Ms, p99Ms } of painting) {
          const pace = perSecond === undefined ? 'after a pause' : `at ${perSecond} lines/s`;
          progress(`  painted ${pace}: p50 ${formatNumber(p50Ms)}, p99 ${formatNumber(p99Ms)} ms`);
        }
        const pages = await measurePages(rig, plan, use, signal);
        for (const { perSecond, busy } of pages) {
          progress(`  page at ${perSecond} lines/s: ${formatNumber(busy.mainMs)} ms/s`);
        }
        const throughput: ThroughputFigures[] = [];
        for (const build of BUILDS) {
          const steps = await measureThroughput(rig, plan, build, signal);
          throughput.push({ name: build.name, steps });
          const last = steps.findLast(({ holds }) => holds)?.arrivedPerSecond ?? 0;
          progress(`  ${build.name}: ${formatNumber(last)} lines/s to a client`);
        }
        return { oneVm, painting, pages, throughput };
      });
      if (!measured.ok) return { reason: measured.reason };
      const manyVms = await measureManyVms(plan, tools);
      progress(`  ${manyVms.viewers} VMs, a viewer each: ${formatMb(manyVms)} MB more`);
      return { ...measured.value, manyVms };
    },
    stop: async () => children.stopAll(),
  };
};
