/** `cpu_usage_percent` of the real agent, against what the test reads from /proc/stat itself. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleSchema } from '@innkeeper/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { ask } from '../support/http-client.ts';
import { waitUntil } from '../support/wait-until.ts';

interface CpuTicks {
  readonly atMs: number;
  readonly total: number;
  readonly idle: number;
}

/** user nice system idle iowait irq softirq steal; the guest times after them are part of user. */
const readTicks = (): CpuTicks => {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  const ticks = line.trim().split(/\s+/u).slice(1, 9).map(Number);
  const [, , , idle = 0, iowait = 0] = ticks;
  const total = ticks.reduce((sum, tick) => sum + tick, 0);
  return { atMs: performance.now(), total, idle: idle + iowait };
};

const percentBetween = (before: CpuTicks, after: CpuTicks): number => {
  const total = after.total - before.total;
  return total === 0 ? 0 : ((total - (after.idle - before.idle)) / total) * 100;
};

/** The agent looks once a second, so what it says is about a second that ended up to one ago. */
const WINDOW_MS = { least: 900, most: 1_300 } as const;
const OLDEST_END_MS = 1_300;
/** A tick is 10 ms: one more or less at each end of the second, and the moments between two looks. */
const TOLERANCE_POINTS = 4;

/** The least and the most that is true of any second that the agent may mean. */
const plausible = (history: readonly CpuTicks[], askedAtMs: number): [number, number] => {
  const percents = history
    .filter(({ atMs }) => atMs <= askedAtMs && atMs >= askedAtMs - OLDEST_END_MS)
    .flatMap((end) =>
      history
        .filter(({ atMs }) => {
          const length = end.atMs - atMs;
          return length >= WINDOW_MS.least && length <= WINDOW_MS.most;
        })
        .map((begin) => percentBetween(begin, end)),
    );
  return [Math.min(...percents), Math.max(...percents)];
};

/** Of util-linux. */
const PINNED_TO = ['taskset', '-c'] as const;

const burn = (cpu: number): void => {
  const [file, ...args] = [...PINNED_TO, String(cpu), 'sh', '-c', 'while :; do :; done'];
  const child = spawn(file, args, { stdio: 'ignore' });
  const ended = new Promise((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
};

describe.each(AGENT_BUILDS)('$name', (build) => {
  const start = async (): Promise<AgentProcess> => {
    const agent = await startAgent({ build });
    onTestFinished(async () => void (await agent.kill()));
    return agent;
  };
  const usageOf = async (agent: AgentProcess): Promise<number | null> => {
    const { text } = await ask(agent.address, '/metrics?format=json');
    return sampleSchema.parse(JSON.parse(text)).cpu_usage_percent;
  };

  test('is unknown until the agent has seen a second pass', async () => {
    const agent = await start();
    const began = performance.now();
    expect(await usageOf(agent)).toBeNull();
    await waitUntil('it is known', async () => (await usageOf(agent)) !== null);
    expect(performance.now() - began).toBeGreaterThan(500);
  });

  test('is what /proc/stat says of the last second, however many ask how often', async () => {
    const agent = await start();
    const history: CpuTicks[] = [readTicks()];
    const watch = setInterval(() => history.push(readTicks()), 50);
    onTestFinished(() => clearInterval(watch));
    burn(cpus().length - 1);
    const enoughMs = WINDOW_MS.most + OLDEST_END_MS;
    const first = history[0]?.atMs ?? 0;
    await waitUntil(
      'all that the agent may mean has been watched',
      () => performance.now() - first > enoughMs,
    );

    // One who asks all the time, and one who asks now and then.
    const impatient: (number | null)[] = [];
    let isOver = false;
    const asking = (async (): Promise<void> => {
      while (!isOver) {
        impatient.push(await usageOf(agent));
        await sleep(20);
      }
    })();
    const answers: { readonly usage: number | null; readonly atMs: number }[] = [];
    for (let count = 0; count < 8; count += 1) {
      await sleep(300);
      answers.push({ usage: await usageOf(agent), atMs: performance.now() });
    }
    isOver = true;
    await asking;
    impatient.push(await usageOf(agent));

    for (const { usage, atMs } of answers) {
      const [least, most] = plausible(history, atMs);
      expect(usage).toBeGreaterThan(least - TOLERANCE_POINTS);
      expect(usage).toBeLessThan(most + TOLERANCE_POINTS);
    }
    // One CPU is busy all the time, whatever the others do.
    const busy = 100 / cpus().length;
    for (const { usage } of answers) expect(usage).toBeGreaterThan(busy - TOLERANCE_POINTS);
    // Asking does not make it look more often: a new value a second, and each for all who ask.
    expect(impatient.length).toBeGreaterThan(20);
    expect(new Set(impatient).size).toBeLessThanOrEqual(5);
    for (const { usage } of answers) expect(impatient).toContain(usage);
  });
});
