/** One hypervisor, measured once: a fresh agent, calls at the manager's pace, calls without a pause. */
import { join } from 'node:path';
import { hostAgentNodeFlags } from '../../../apps/manager/src/local-agent/agent-node-flags.ts';
import { bundleOn, startAgent, type AgentProcess } from '../../support/agent-process.ts';
import { readMemory, type MemoryUse } from '../measure/smaps.ts';
import { percentile } from '../report/statistics.ts';
import { measureCalls, measureIdle, type Calls } from './calls.ts';
import { startHypervisor, type Programs } from './hypervisor.ts';
import type { Plan } from './plan.ts';

export interface Scenario {
  /** In the table. */
  readonly name: string;
  readonly vms: number;
  readonly talks: boolean;
  readonly pss: boolean;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'no VM', vms: 0, talks: false, pss: false },
  { name: '10 VMs', vms: 10, talks: false, pss: false },
  { name: '200 VMs', vms: 200, talks: false, pss: false },
  { name: '10 VMs, PSS in each call', vms: 10, talks: false, pss: true },
  { name: '200 VMs, PSS in each call', vms: 200, talks: false, pss: true },
  { name: '10 VMs with metrics and QMP', vms: 10, talks: true, pss: false },
  { name: '200 VMs with metrics and QMP', vms: 200, talks: true, pss: false },
];

export interface RunFigures {
  /** Once a second, what the agent does between two calls included. */
  readonly pacedCpuMsPerCall: number;
  readonly pacedP50Ms: number;
  readonly pacedP99Ms: number;
  readonly hotCpuMsPerCall: number;
  readonly hotP50Ms: number;
  readonly hotP99Ms: number;
  readonly idleCpuMsPerSecond: number;
  readonly bodyBytes: number;
  readonly memoryBefore: MemoryUse;
  readonly memoryAfter: MemoryUse;
}

export interface RunTools {
  readonly plan: Plan;
  readonly programs: Programs;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const measureAgent = async (
  agent: AgentProcess,
  { pss }: Scenario,
  { plan, signal }: RunTools,
): Promise<RunFigures> => {
  const calls = async (order: Omit<Calls, 'pss'>): ReturnType<typeof measureCalls> =>
    measureCalls(agent, { ...order, pss }, signal);
  await calls({ count: plan.warmUpCalls, everyMs: 0 });
  const memoryBefore = readMemory(agent.pid);
  const paced = await calls({ count: plan.pacedCalls, everyMs: plan.everyMs });
  const hot = await calls({ count: plan.hotCalls, everyMs: 0 });
  const memoryAfter = readMemory(agent.pid);
  const idleCpuMsPerSecond = await measureIdle(agent, plan.idleMs, signal);
  return {
    pacedCpuMsPerCall: paced.cpuMsPerCall,
    pacedP50Ms: percentile(paced.latenciesMs, 50),
    pacedP99Ms: percentile(paced.latenciesMs, 99),
    hotCpuMsPerCall: hot.cpuMsPerCall,
    hotP50Ms: percentile(hot.latenciesMs, 50),
    hotP99Ms: percentile(hot.latenciesMs, 99),
    idleCpuMsPerSecond,
    bodyBytes: hot.bodyBytes,
    memoryBefore,
    memoryAfter,
  };
};

export const measureScenario = async (
  scenario: Scenario,
  name: string,
  tools: RunTools,
): Promise<RunFigures> => {
  const { vms, talks } = scenario;
  const { programs } = tools;
  const folder = join(tools.folder, name);
  const hypervisor = await startHypervisor({ programs, folder, vms, talks });
  try {
    const agent = await startAgent({
      build: bundleOn(process.execPath, hostAgentNodeFlags),
      args: ['--role', 'guest,host'],
      config: { host_paths: [folder] },
    });
    try {
      return await measureAgent(agent, scenario, tools);
    } finally {
      await agent.stop();
    }
  } finally {
    await hypervisor.stop();
  }
};
