/** From the moment at which a program writes a line to the moment at which a client has it. */
import { request, type ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startJournald, type Journald } from '../../support/private-journald.ts';
import { percentile } from '../report/statistics.ts';
import type { Contender, Key, Serving } from './contender.ts';

export interface ArrivalFigures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** Between two lines, at random: a fixed time would fall into step with whoever polls. */
const MIN_GAP_MS = 20;
const MAX_GAP_MS = 120;
/** What comes later than this has been lost. */
const LATE_MS = 5_000;
const POLL_MS = 20;

interface Client {
  readonly arrivedAt: ReadonlyMap<number, number>;
  close(): void;
}

const follow = async (serving: Serving, key: Key): Promise<Client> => {
  const pattern = new RegExp(String.raw`"line (\d+) for ${key}"`, 'gu');
  const arrivedAt = new Map<number, number>();
  const { address, headers, followPath } = serving;
  let text = '';
  const asked = await new Promise<ClientRequest>((resolve, reject) => {
    const sent = request({ ...address, path: followPath, headers, agent: false }, (incoming) => {
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        const now = performance.now();
        text += chunk;
        // A client that follows may get the lines before as well.
        for (const [, number] of text.matchAll(pattern)) {
          if (!arrivedAt.has(Number(number))) arrivedAt.set(Number(number), now);
        }
        text = text.slice(text.lastIndexOf('\n') + 1);
      });
      incoming.on('error', () => undefined);
      resolve(sent);
    });
    sent.once('error', reject);
    sent.end();
  });
  asked.on('error', () => undefined);
  return { arrivedAt, close: () => asked.destroy() };
};

const measureWith = async (
  journald: Journald,
  contender: Contender,
  lines: number,
  signal: AbortSignal,
): Promise<ArrivalFigures> => {
  const serving = await contender.start(journald.journalPath);
  const client = await follow(serving, contender.key);
  const program = await journald.program('bench');
  try {
    const writtenAt: number[] = [];
    // The first few find the reader still opening its files.
    for (let line = 0; line < lines + 5; line += 1) {
      await sleep(MIN_GAP_MS + Math.random() * (MAX_GAP_MS - MIN_GAP_MS), undefined, { signal });
      writtenAt.push(performance.now());
      program.write(`line ${line} for ${contender.key}\n`);
    }
    const deadline = performance.now() + LATE_MS;
    while (!client.arrivedAt.has(lines + 4) && performance.now() < deadline) await sleep(POLL_MS);
    const delays = writtenAt.slice(5).map((at, index) => {
      const arrivedAt = client.arrivedAt.get(index + 5);
      if (arrivedAt === undefined) throw new Error(`${contender.name} has lost line ${index}`);
      return arrivedAt - at;
    });
    return {
      p50Ms: percentile(delays, 50),
      p95Ms: percentile(delays, 95),
      p99Ms: percentile(delays, 99),
    };
  } finally {
    program.destroy();
    client.close();
    await serving.stop();
  }
};

/** Undefined where this machine cannot run a journald of its own. */
export const measureArrivals = async (
  contenders: readonly Contender[],
  lines: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<Contender, ArrivalFigures> | { readonly reason: string }> => {
  const started = await startJournald();
  if (!started.ok) return { reason: started.reason };
  try {
    const figures = new Map<Contender, ArrivalFigures>();
    for (const contender of contenders) {
      figures.set(contender, await measureWith(started.journald, contender, lines, signal));
    }
    return figures;
  } finally {
    await started.journald.stop();
  }
};
