/** How many lines a second go from a journal through agent and hub to a client before one is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentBuild } from '../../support/agent-process.ts';
import { cpuBetween, readCpuTime } from '../measure/cpu-time.ts';
import { readUse, sharesBetween } from '../pull/use.ts';
import type { Plan } from './plan.ts';
import { makeTokens, type Rig } from './rig.ts';
import type { Viewed } from './viewer-messages.ts';
import { startViewers, type Viewers } from './viewers-process.ts';
import { writeSteadily } from './writer.ts';

export interface ThroughputStep {
  /** Lines a second, as they were to be written. */
  readonly perSecond: number;
  /** From the first written to the last received. */
  readonly arrivedPerSecond: number;
  readonly dropped: number;
  /** Neither received nor told as dropped; or not in order. */
  readonly wrong: number;
  readonly holds: boolean;
  /** For 1,000 lines. */
  readonly agentCpuMs: number;
  /** The same, without the database. */
  readonly managerCpuMs: number;
}

const WARM_UP_MS = 500;
const POLL_MS = 50;
const QUIET_MS = 20_000;
/** Nothing has come for so long: what is missing is lost. */
const SILENCE_MS = 3_000;
/** What is written must have been received so soon after. */
const LATE_MS = 1_000;

/** What a pace that was too much has left behind is none of the next one's. */
const waitForQuiet = async (viewers: Viewers, signal: AbortSignal): Promise<Viewed> => {
  const until = performance.now() + QUIET_MS;
  for (let before = await viewers.viewed(); ;) {
    await sleep(WARM_UP_MS, undefined, { signal });
    const viewed = await viewers.viewed();
    if (viewed.entries === before.entries || performance.now() > until) return viewed;
    before = viewed;
  }
};

const waitForLast = async (
  viewers: Viewers,
  last: number,
  signal: AbortSignal,
): Promise<{ readonly viewed: Viewed; readonly at: number }> => {
  let viewed = await viewers.viewed();
  let at = performance.now();
  while (viewed.last < last && performance.now() - at < SILENCE_MS) {
    await sleep(POLL_MS, undefined, { signal });
    const next = await viewers.viewed();
    if (next.entries > viewed.entries) at = performance.now();
    viewed = next;
  }
  return { viewed, at };
};

const measureStep = async (
  { manager, journald, vmId }: Rig,
  { viewers, agentPid }: { readonly viewers: Viewers; readonly agentPid: number },
  { perSecond, ms }: { readonly perSecond: number; readonly ms: number },
  signal: AbortSignal,
): Promise<ThroughputStep> => {
  const prefix = `through-${agentPid}-${perSecond}`;
  await viewers.connect({ vmIds: [vmId], prefix });
  const quiet = await waitForQuiet(viewers, signal);
  const program = await journald.program('bench');
  try {
    const agentBefore = readCpuTime(agentPid);
    const before = readUse(manager);
    const startedAt = performance.now();
    const { at: written } = await writeSteadily(program, prefix, { perSecond, ms }, signal);
    const writtenAt = performance.now();
    const { viewed, at } = await waitForLast(viewers, written.length - 1, signal);
    const agentMs = cpuBetween(agentBefore, readCpuTime(agentPid));
    const after = readUse(manager);
    const shares = sharesBetween(before, after);
    const managerMs = (shares.all - shares.server) * (after.at - before.at);
    const { numbered } = viewed;
    const dropped = viewed.dropped - quiet.dropped;
    const lost = Math.max(0, written.length - numbered - dropped);
    // A gap that was told is in order.
    const wrong = lost + (dropped === 0 ? viewed.wrong : 0);
    return {
      perSecond,
      arrivedPerSecond: (numbered / (at - startedAt)) * 1_000,
      dropped,
      wrong,
      holds: dropped === 0 && wrong === 0 && at - writtenAt < LATE_MS,
      agentCpuMs: (agentMs / numbered) * 1_000,
      managerCpuMs: (managerMs / numbered) * 1_000,
    };
  } finally {
    program.destroy();
  }
};

/** At rising rates, up to the first that does not hold. */
export const measureThroughput = async (
  rig: Rig,
  plan: Plan,
  build: AgentBuild,
  signal: AbortSignal,
): Promise<readonly ThroughputStep[]> =>
  rig.withAgent(build, async (agentPid) => {
    const tokens = await makeTokens(rig.manager, 1);
    const steps: ThroughputStep[] = [];
    for (const perSecond of plan.throughputRates) {
      const viewers = startViewers(rig.manager.port, tokens, signal);
      try {
        const pace = { perSecond, ms: plan.throughputMs };
        const step = await measureStep(rig, { viewers, agentPid }, pace, signal);
        steps.push(step);
        if (!step.holds) break;
      } finally {
        viewers.close();
      }
    }
    return steps;
  });
