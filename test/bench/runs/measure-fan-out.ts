/** One run on many guests. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../support/service-process.ts';
import { vmIdsOf } from '../logs/rig.ts';
import { cpuBetween } from '../measure/cpu-time.ts';
import { startFakeAgents } from '../measure/fake-agents.ts';
import { prepareData, startManager, type ManagerTools } from '../pull/our-manager.ts';
import { makeFleet } from '../pull/plan.ts';
import { readUse } from '../pull/use.ts';
import type { Plan } from './plan.ts';
import { openRunClient } from './rig.ts';

export interface FanOutFigures {
  /** From asking until the last guest has begun, and until all have ended and the viewer knows. */
  readonly begunMs: number;
  readonly endedMs: number;
  /** Of the manager with its Postgres. */
  readonly cpuMsPerTarget: number;
}

export interface SshFanOutFigures {
  readonly endedMsPerTarget: number;
  /** Of the clients alone. */
  readonly cpuMsPerTarget: number;
}

const INTERVAL_MS = 5_000;
const SETTLE_MS = 2_000;
const WARM_UP_TARGETS = 50;
const SSH_AT_ONCE = 50;
const program = fileURLToPath(new URL('fan-out-agents.ts', import.meta.url));

export const measureFanOut = async (plan: Plan, tools: ManagerTools): Promise<FanOutFigures> => {
  const { targets, concurrency } = plan;
  const port = await freePort();
  const data = await prepareData(tools, makeFleet(targets, INTERVAL_MS), port);
  const stopAgents = await startFakeAgents({ ...tools, program, port, count: targets });
  try {
    const manager = await startManager(tools, data, INTERVAL_MS, ['--keep-logs=off']);
    const client = await openRunClient(manager);
    try {
      const vmIds = await vmIdsOf(manager);
      // Each has been asked once.
      await sleep(INTERVAL_MS + SETTLE_MS, undefined, { signal: tools.signal });
      const once = async (ids: readonly string[]): Promise<FanOutFigures> => {
        const use = readUse(manager);
        const startedAt = performance.timeOrigin + use.at;
        const what = { argv: ['true'], concurrency, targets: { vm_ids: ids } };
        const runId = await client.begin('/v1/runs', what);
        await client.follow(runId, () => undefined);
        const endedMs = performance.now() - use.at;
        const cpuMs = cpuBetween(use.all, readUse(manager).all);
        const { counts, executions } = await client.read(runId);
        if (counts.succeeded !== ids.length) {
          throw new Error(`${counts.succeeded} of ${ids.length} commands have succeeded`);
        }
        const begun = Math.max(...executions.map(({ started_at: at }) => at ?? Infinity));
        return { begunMs: begun - startedAt, endedMs, cpuMsPerTarget: cpuMs / ids.length };
      };
      await once(vmIds.slice(0, WARM_UP_TARGETS));
      return await once(vmIds);
    } finally {
      client.close();
      await manager.stop();
    }
  } finally {
    await stopAgents();
  }
};

const run = promisify(execFile);

/** "0m1.204s 0m0.310s", of those that the shell has waited for. */
const parseTimes = (line: string): number =>
  [...line.matchAll(/(\d+)m([\d.]+)s/gu)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1_000,
    0,
  );

/** All to the one sshd that there is, fifty at a time. */
export const measureSshFanOut = async (
  command: readonly string[],
  { sshTargets: targets }: Plan,
  signal: AbortSignal,
): Promise<SshFanOutFigures> => {
  const script = `seq ${targets} | xargs -P ${SSH_AT_ONCE} -I '{}' "$@" true >&2; times`;
  const startedAt = performance.now();
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script, 'bash', ...command], {
    signal,
  });
  const endedMs = performance.now() - startedAt;
  const children = stdout.trim().split('\n').at(-1) ?? '';
  return {
    endedMsPerTarget: endedMs / targets,
    cpuMsPerTarget: parseTimes(children) / targets,
  };
};
