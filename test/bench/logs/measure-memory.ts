/** What viewers of logs cost the manager in memory. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentBuild } from '../../support/agent-process.ts';
import { freePort } from '../../support/service-process.ts';
import { startFakeAgents } from '../measure/fake-agents.ts';
import { parseSmapsRollup } from '../measure/smaps.ts';
import { prepareData, startManager } from '../pull/our-manager.ts';
import { makeFleet } from '../pull/plan.ts';
import { median } from '../report/statistics.ts';
import type { Plan } from './plan.ts';
import { makeTokens, vmIdsOf, type Rig, type RigTools } from './rig.ts';
import { startViewers } from './viewers-process.ts';
import { writeSteadily } from './writer.ts';

export interface MemoryFigures {
  readonly viewers: number;
  /** Of the manager's own process, without its database: heap and stacks. */
  readonly beforeBytes: number;
  readonly duringBytes: number;
  /** Received by all viewers. */
  readonly entries: number;
  readonly dropped: number;
}

const SETTLE_MS = 2_000;
const READ_MS = 250;
const TOKENS = 3;
const ONE_VM_RATE = 500;
const INTERVAL_MS = 5_000;

const heldBy = (pid: number): number =>
  parseSmapsRollup(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')).anonymousBytes;

/** Over the second half: the first is for rings to fill. */
const readHeld = async (pid: number, ms: number, signal: AbortSignal): Promise<number> => {
  await sleep(ms / 2, undefined, { signal });
  const read: number[] = [];
  for (let passed = 0; passed < ms / 2; passed += READ_MS) {
    await sleep(READ_MS, undefined, { signal });
    read.push(heldBy(pid));
  }
  return median(read);
};

/** Many viewers of one VM that logs steadily. */
export const measureOneVm = async (
  rig: Rig,
  plan: Plan,
  build: AgentBuild,
  signal: AbortSignal,
): Promise<MemoryFigures> =>
  rig.withAgent(build, async () => {
    const { manager, vmId, journald } = rig;
    const tokens = await makeTokens(manager, TOKENS);
    const prefix = 'held';
    const program = await journald.program('bench');
    const viewers = startViewers(manager.port, tokens, signal);
    try {
      await sleep(SETTLE_MS, undefined, { signal });
      const beforeBytes = heldBy(manager.pid);
      const pace = { perSecond: ONE_VM_RATE, ms: plan.memoryMs };
      await viewers.connect({ vmIds: Array.from({ length: plan.viewers }, () => vmId), prefix });
      const [duringBytes] = await Promise.all([
        readHeld(manager.pid, plan.memoryMs, signal),
        writeSteadily(program, prefix, pace, signal),
      ]);
      const { entries, dropped } = await viewers.viewed();
      return { viewers: plan.viewers, beforeBytes, duringBytes, entries, dropped };
    } finally {
      viewers.close();
      program.destroy();
    }
  });

const program = fileURLToPath(new URL('logging-agents.ts', import.meta.url));

/** One viewer of each of many VMs, and nobody else: the recorder would follow them all as well. */
export const measureManyVms = async (plan: Plan, tools: RigTools): Promise<MemoryFigures> => {
  const { signal } = tools;
  const port = await freePort();
  const fleet = makeFleet(plan.watchedVms, INTERVAL_MS);
  const data = await prepareData(tools, fleet, port);
  const stopAgents = await startFakeAgents({
    ...tools,
    program,
    port,
    count: plan.watchedVms,
  });
  try {
    const manager = await startManager(tools, data, INTERVAL_MS, ['--keep-logs=off']);
    const viewers = startViewers(manager.port, await makeTokens(manager, TOKENS), signal);
    try {
      const vmIds = await vmIdsOf(manager);
      // Each has been asked once.
      await sleep(INTERVAL_MS + SETTLE_MS, undefined, { signal });
      const beforeBytes = heldBy(manager.pid);
      await viewers.connect({ vmIds: [...vmIds], prefix: 'quiet' });
      const duringBytes = await readHeld(manager.pid, plan.memoryMs, signal);
      const { entries, dropped } = await viewers.viewed();
      return { viewers: vmIds.length, beforeBytes, duringBytes, entries, dropped };
    } finally {
      viewers.close();
      await manager.stop();
    }
  } finally {
    await stopAgents();
  }
};
