/**
 * How Firecracker writes its metrics: piece by piece into a LineWriter of 1 KiB over a pipe that does
 * not block. A counter starts anew as soon as it is in the buffer, so what stands in a line that the
 * full pipe tears is gone; the next line follows it without a newline. Keeps the books on both.
 */
import type { FakeNode } from './fake-pipes.ts';

export interface DeviceCounters {
  readonly key: string;
  readonly names: readonly string[];
}

export interface FakeFirecracker {
  count(key: string, name: string, amount: number): void;
  /** False where the line could not be written whole. */
  flush(nowMs: number): boolean;
  /** What is in lines that have left for the pipe, by `key.name`. */
  written(): ReadonlyMap<string, number>;
  lines(): number;
}

const BUFFER_BYTES = 1024;

export const NET = ['rx_bytes_count', 'rx_packets_count', 'tx_bytes_count', 'tx_packets_count'];
export const BLOCK = ['read_bytes', 'read_count', 'write_bytes', 'write_count'];

/** A line of 1.x has some 150 more counters. They stand between the devices here. */
const FILLING = 'x'.repeat(3000);

class TornError extends Error {}

export const makeFakeFirecracker = (
  pipe: FakeNode,
  devices: readonly DeviceCounters[],
): FakeFirecracker => {
  const now = new Map<string, number>();
  const written = new Map<string, number>();
  let buffer = '';
  let heldLine: ReadonlyMap<string, number> | undefined;
  let missed = 0;
  let lines = 0;

  const pushOut = (): void => {
    if (buffer !== '' && !pipe.write(buffer)) throw new TornError('the pipe is full');
    buffer = '';
  };

  const put = (text: string): void => {
    for (let start = 0; start < text.length; start += 100) {
      const piece = text.slice(start, start + 100);
      if (buffer.length + piece.length > BUFFER_BYTES) pushOut();
      buffer += piece;
    }
  };

  const settleHeld = (): void => {
    pushOut();
    for (const [name, amount] of heldLine ?? []) {
      written.set(name, (written.get(name) ?? 0) + amount);
    }
    if (heldLine !== undefined) lines += 1;
    heldLine = undefined;
  };

  const putCounter = (line: Map<string, number>, key: string, name: string): void => {
    const full = `${key}.${name}`;
    const amount = now.get(full) ?? 0;
    put(`"${name}":${amount}`);
    now.set(full, 0);
    line.set(full, amount);
  };

  const putDevice = (line: Map<string, number>, { key, names }: DeviceCounters): void => {
    put(`,"${key}":{`);
    names.forEach((name, index) => {
      if (index > 0) put(',');
      putCounter(line, key, name);
    });
    put('}');
  };

  const putLine = (nowMs: number): ReadonlyMap<string, number> => {
    const line = new Map<string, number>();
    put(`{"utc_timestamp_ms":${nowMs},"api_server":{"process_startup_time_us":0}`);
    for (const device of devices) {
      putDevice(line, device);
      put(`,"filling":"${FILLING}"`);
    }
    put(',"logger":{');
    put(`"missed_metrics_count":${missed}}`);
    missed = 0;
    put('}\n');
    return line;
  };

  return {
    count: (key, name, amount) => {
      const full = `${key}.${name}`;
      now.set(full, (now.get(full) ?? 0) + amount);
    },
    flush: (nowMs) => {
      try {
        if (heldLine !== undefined) settleHeld();
        heldLine = putLine(nowMs);
        settleHeld();
        return true;
      } catch (error) {
        if (!(error instanceof TornError)) throw error;
        missed += 1;
        return false;
      }
    },
    written: () => written,
    lines: () => lines,
  };
};
