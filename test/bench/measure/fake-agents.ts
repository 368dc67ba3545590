/** A program that stands for many agents at addresses of 127.77.0.0/16, in a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../support/http-client.ts';
import type { Children } from './children.ts';

export interface FakeAgentsOptions {
  readonly children: Pick<Children, 'start'>;
  readonly signal: AbortSignal;
  /** Takes a port and how many, and serves `/health` at the first address when all are there. */
  readonly program: string;
  readonly port: number;
  readonly count: number;
}

const UP_MS = 60_000;
const POLL_MS = 50;

/** Settles when they answer; what it gives stops them. */
export const startFakeAgents = async (options: FakeAgentsOptions): Promise<() => Promise<void>> => {
  const { children, signal, program, port, count } = options;
  const tsx = import.meta.resolve('tsx');
  const child = children.start([process.execPath, '--import', tsx, program, `${port}`, `${count}`]);
  const until = performance.now() + UP_MS;
  const isUp = async (): Promise<boolean> =>
    ask({ host: '127.77.0.1', port }, '/health').then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await isUp())) {
    const obituary = child.obituary();
    if (obituary !== undefined || performance.now() > until) {
      await child.stop();
      throw new Error(`${program}: ${obituary ?? 'the agents do not answer'}`);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
  return async () => child.stop();
};
