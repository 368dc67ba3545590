/** From asking for a command to the first byte that it prints. */
import { spawn } from 'node:child_process';
import { percentile } from '../report/statistics.ts';
import type { Guest, RunClient } from './rig.ts';

export interface StartFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Not measured: what is loaded and compiled once. */
const WARM_UP = 5;
const LATE_MS = 30_000;

const measure = async (count: number, once: () => Promise<number>): Promise<StartFigures> => {
  for (let index = 0; index < WARM_UP; index += 1) await once();
  const took: number[] = [];
  while (took.length < count) took.push(await once());
  return { p50Ms: percentile(took, 50), p99Ms: percentile(took, 99) };
};

/** Each has ended before the next begins. */
export const measureStarts = async (
  client: RunClient,
  { vmId }: Guest,
  count: number,
): Promise<StartFigures> =>
  measure(count, async () => {
    const startedAt = performance.now();
    let firstAt: number | undefined;
    const runId = await client.begin(`/v1/vms/${vmId}/exec`, { argv: ['echo', 'x'] });
    await client.follow(runId, (events) => {
      if (events.some(({ kind }) => kind === 'output')) firstAt ??= performance.now();
    });
    if (firstAt === undefined) throw new Error('a command has printed nothing');
    return firstAt - startedAt;
  });

const firstByte = async ([file = '', ...args]: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: LATE_MS });
    let firstAt: number | undefined;
    child.stdout.on('data', () => {
      firstAt ??= performance.now();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && firstAt !== undefined) resolve(firstAt - startedAt);
      else reject(new Error(`${file} ends with code ${code}, and prints nothing`));
    });
  });

export const measureSpawns = async (
  command: readonly string[],
  count: number,
): Promise<StartFigures> => measure(count, async () => firstByte([...command, 'echo', 'x']));
