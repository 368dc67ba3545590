/** Writes numbered lines to a journald, at a pace, and remembers when each was written. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';

export interface Written {
  /** Unix ms of each line, by its number. */
  readonly at: readonly number[];
  readonly seconds: number;
}

/** Timers are no finer; what is due by then is written together. */
const STEP_MS = 5;
/** What a program of a guest has to say. */
const REST = 'request of a client took some ms and was answered 200';

const wallClock = (): number => performance.timeOrigin + performance.now();

/** `perSecond` for a time. Falls behind where nobody takes the lines, and never writes more at once than is due. */
export const writeSteadily = async (
  program: Socket,
  prefix: string,
  { perSecond, ms }: { readonly perSecond: number; readonly ms: number },
  signal: AbortSignal,
): Promise<Written> => {
  const at: number[] = [];
  const startedAt = performance.now();
  const all = Math.round((perSecond * ms) / 1_000);
  while (at.length < all) {
    const due = Math.min(all, Math.ceil(((performance.now() - startedAt) * perSecond) / 1_000));
    let text = '';
    const now = wallClock();
    while (at.length < due) {
      text += `${prefix} ${at.length} ${REST}\n`;
      at.push(now);
    }
    if (text !== '' && !program.write(text)) {
      await new Promise((resolve) => {
        program.once('drain', resolve);
      });
    }
    await sleep(STEP_MS, undefined, { signal });
  }
  return { at, seconds: (performance.now() - startedAt) / 1_000 };
};

/** One by one, each after a pause of a random length. */
export const writeAfterPauses = async (
  program: Socket,
  prefix: string,
  {
    lines,
    minMs,
    maxMs,
  }: { readonly lines: number; readonly minMs: number; readonly maxMs: number },
  signal: AbortSignal,
): Promise<Written> => {
  const at: number[] = [];
  const startedAt = performance.now();
  while (at.length < lines) {
    await sleep(minMs + Math.random() * (maxMs - minMs), undefined, { signal });
    at.push(wallClock());
    program.write(`${prefix} ${at.length - 1} ${REST}\n`);
  }
  return { at, seconds: (performance.now() - startedAt) / 1_000 };
};
