/** A journal read from its start to its end by one client, and what that costs who serves it. */
import { request } from 'node:http';
import { cpuBetween, readCpuTime } from '../measure/cpu-time.ts';
import { readMemory } from '../measure/smaps.ts';
import type { Contender, Serving } from './contender.ts';
import { makeEventCounter } from './event-counter.ts';
import type { Journal } from './journal.ts';

export interface ReadingFigures {
  readonly entriesPerSecond: number;
  readonly cpuUsPerEntry: number;
  readonly bytesPerEntry: number;
  /** Afterwards. */
  readonly residentBytes: number;
}

interface ReadAll {
  readonly events: number;
  readonly bytes: number;
}

const readAll = async ({ address, headers, allPath }: Serving, signal: AbortSignal) =>
  new Promise<ReadAll>((resolve, reject) => {
    const counter = makeEventCounter();
    let bytes = 0;
    const asked = request(
      { ...address, path: allPath, headers, agent: false, signal },
      (incoming) => {
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          counter.take(chunk);
        });
        incoming.once('error', reject);
        incoming.once('end', () => resolve({ events: counter.events(), bytes }));
      },
    );
    asked.once('error', reject);
    asked.end();
  });

export const measureReading = async (
  contender: Contender,
  journal: Journal,
  signal: AbortSignal,
): Promise<ReadingFigures> => {
  const serving = await contender.start(journal.folder);
  try {
    const before = readCpuTime(serving.pid);
    const startedAt = performance.now();
    const { events, bytes } = await readAll(serving, signal);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpuMs = cpuBetween(before, readCpuTime(serving.pid));
    // The agent says at the end that it is the end.
    if (events !== journal.entries && events !== journal.entries + 1) {
      throw new Error(`${contender.name} gave ${events} of ${journal.entries} entries`);
    }
    return {
      entriesPerSecond: journal.entries / seconds,
      cpuUsPerEntry: (cpuMs * 1000) / journal.entries,
      bytesPerEntry: bytes / journal.entries,
      residentBytes: readMemory(serving.pid).residentBytes,
    };
  } finally {
    await serving.stop();
  }
};
