/** A command that prints a lot, and what each on its way to a viewer of the end holds and spends. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpuBetween, readCpuTime } from '../measure/cpu-time.ts';
import { parseSmapsRollup, readMemory } from '../measure/smaps.ts';
import type { OurManager } from '../pull/our-manager.ts';
import { readUse } from '../pull/use.ts';
import type { Guest, RunClient } from './rig.ts';

/** Heap and stacks. */
export interface Held {
  readonly beforeBytes: number;
  /** The most in each half of the time: the second is no more where nothing grows with the output. */
  readonly firstBytes: number;
  readonly secondBytes: number;
}

export interface OutputFigures {
  readonly seconds: number;
  readonly agent: Held;
  readonly manager: Held;
  readonly postgres: Held;
  readonly viewer: Held;
  /** With the command itself. */
  readonly agentCpuMs: number;
  /** Without its Postgres. */
  readonly managerCpuMs: number;
  readonly postgresCpuMs: number;
  /** Events that the viewer was told it does not get: it sees the end. */
  readonly skipped: number;
}

export interface SshOutputFigures {
  readonly seconds: number;
  /** Of the server, with the command itself. */
  readonly serverCpuMs: number;
}

const SAMPLE_MS = 200;
const TRIES = 5;
const LINE = 'request of a client took some ms and was answered 200';
const END = 'this was the end';
const printing = (bytes: number): string => `yes '${LINE}' | head -c ${bytes}; echo; echo ${END}`;

const heldBy = (pid: number): number =>
  parseSmapsRollup(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')).anonymousBytes;

/** A server's process may end between being listed and being read. */
const heldByTree = (pid: number): number => {
  for (let tried = 1; ; tried += 1) {
    try {
      return readMemory(pid).anonymousBytes;
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
};

const watch = (read: () => number) => {
  const beforeBytes = read();
  const seen: number[] = [];
  const timer = setInterval(() => seen.push(read()), SAMPLE_MS);
  return {
    stop: (): Held => {
      clearInterval(timer);
      seen.push(read());
      const half = Math.ceil(seen.length / 2);
      const firstBytes = Math.max(...seen.slice(0, half));
      return { beforeBytes, firstBytes, secondBytes: Math.max(...seen.slice(half - 1)) };
    },
  };
};

export const measureOutput = async (
  manager: OurManager,
  client: RunClient,
  { vmId, agentPid }: Guest,
  bytes: number,
): Promise<OutputFigures> => {
  const agentCpu = readCpuTime(agentPid);
  const use = readUse(manager);
  const agent = watch(() => heldBy(agentPid));
  const own = watch(() => heldBy(manager.pid));
  const postgres = watch(() => heldByTree(manager.serverPid));
  const viewer = watch(() => heldBy(process.pid));
  let skipped = 0;
  let tail = '';
  try {
    const runId = await client.begin(`/v1/vms/${vmId}/exec`, {
      script: printing(bytes),
      timeout_seconds: 600,
      max_output_bytes: bytes + 1_000,
    });
    await client.follow(runId, (events, left) => {
      skipped += left;
      for (const event of events) if (event.kind === 'output') tail = event.text;
    });
    const seconds = (performance.now() - use.at) / 1_000;
    const after = readUse(manager);
    const [execution] = (await client.read(runId)).executions;
    const { output_bytes: stored = 0, dropped_bytes: dropped } = execution ?? {};
    if (execution?.exit_code !== 0 || dropped !== 0 || stored <= bytes) {
      throw new Error(`${stored} of ${bytes} bytes are there, ${dropped} are not kept`);
    }
    if (!tail.endsWith(`${END}\n`)) throw new Error(`the viewer sees another end: ${tail}`);
    const server = (moment: typeof use) => moment.server ?? moment.all;
    const postgresCpuMs = cpuBetween(server(use), server(after));
    return {
      seconds,
      agent: agent.stop(),
      manager: own.stop(),
      postgres: postgres.stop(),
      viewer: viewer.stop(),
      agentCpuMs: cpuBetween(agentCpu, readCpuTime(agentPid)),
      managerCpuMs: cpuBetween(use.all, after.all) - postgresCpuMs,
      postgresCpuMs,
      skipped,
    };
  } finally {
    for (const one of [agent, own, postgres, viewer]) one.stop();
  }
};

/** To a program that keeps the end, too; nothing is stored. */
export const measureSshOutput = async (
  [file = '', ...args]: readonly string[],
  serverPid: number,
  bytes: number,
): Promise<SshOutputFigures> => {
  const before = readCpuTime(serverPid);
  const startedAt = performance.now();
  const received = await new Promise<number>((resolve, reject) => {
    const child = spawn(file, [...args, printing(bytes)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let count = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      count += chunk.length;
    });
    child.once('error', reject);
    child.once('close', () => resolve(count));
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  if (received <= bytes) throw new Error(`ssh gave ${received} of ${bytes} bytes`);
  return { seconds, serverCpuMs: cpuBetween(before, readCpuTime(serverPid)) };
};
