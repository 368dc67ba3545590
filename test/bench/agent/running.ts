/** A contender as a process that answers. */

import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/service-process.ts';
import { connectTo, type KeepAliveClient } from '../measure/keep-alive-client.ts';
import type { Child, Children } from '../measure/children.ts';
import type { Contender } from './contender.ts';

export interface Running {
  readonly pid: number;
  readonly port: number;
  /** From the start of the process to the end of the first answer. */
  readonly firstAnswerMs: number;
  /** Throws where it has ended by itself. */
  assertAlive(): void;
  stop(): Promise<void>;
}

const START_MS = 20_000;
/** Finer than any start, and still idle enough to leave the start its CPU. */
const POLL_MS = 1;

const answersAt = async (port: number, path: string): Promise<boolean> => {
  let client: KeepAliveClient | undefined;
  try {
    client = await connectTo(port);
    return (await client.ask(path)).status === 200;
  } catch {
    return false;
  } finally {
    client?.close();
  }
};

const waitForAnswer = async (
  contender: Contender,
  child: Child,
  port: number,
  signal: AbortSignal,
): Promise<number> => {
  for (;;) {
    if (await answersAt(port, contender.healthPath)) return performance.now() - child.startedAt;
    const obituary = child.obituary();
    if (obituary !== undefined) throw new Error(`${contender.name} does not start: ${obituary}`);
    if (performance.now() - child.startedAt > START_MS) {
      const seconds = START_MS / 1000;
      throw new Error(`${contender.name} does not answer within ${seconds} s of its start`);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
};

export const startContender = async (
  contender: Contender,
  children: Children,
  signal: AbortSignal,
): Promise<Running> => {
  const port = await freePort();
  const child = children.start(contender.command(port));
  const firstAnswerMs = await waitForAnswer(contender, child, port, signal);
  return {
    pid: child.pid,
    port,
    firstAnswerMs,
    stop: async () => await child.stop(),
    assertAlive: () => {
      const obituary = child.obituary();
      if (obituary !== undefined) throw new Error(`${contender.name} has gone: ${obituary}`);
    },
  };
};
