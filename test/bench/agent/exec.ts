/** How long a command takes from the request to its result: `POST /exec` of `true`, as JSON. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../support/http-client.ts';
import {
  bearer,
  bindingOf,
  CLOCK_STEP_MS,
  makeManagerKey,
  secondsFromNow,
} from '../../support/manager-key.ts';
import type { Children } from '../measure/children.ts';
import type { PartContext } from '../part.ts';
import { percentile } from '../report/statistics.ts';
import type { Contender } from './contender.ts';
import type { ExecFigures, ExecRun } from './figures.ts';
import { startContender } from './running.ts';

const COMMANDS = 200;
const QUICK_COMMANDS = 20;
/** The first ones start what later ones find running. */
const WARM_UP = 5;
const VM_ID = 'vm-1';
const BODY = JSON.stringify({ argv: ['true'] });

export const measureExec = async (
  contenders: readonly Contender[],
  { runs, quick, folder, signal }: PartContext,
  children: Children,
): Promise<readonly ExecFigures[]> => {
  const count = quick ? QUICK_COMMANDS : COMMANDS;
  const key = makeManagerKey();
  const enrolment = ['--vm-id', VM_ID, '--manager-keys', key.publicKey, '--state-dir', folder];

  const askOnce = async (port: number): Promise<number> => {
    const claims = { aud: VM_ID, scope: 'exec', exp: secondsFromNow(60) };
    const token = key.sign({ ...claims, ...bindingOf('POST', '/exec', BODY) });
    const began = performance.now();
    const { status, text } = await ask({ host: '127.0.0.1', port }, '/exec', {
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: BODY,
    });
    if (status !== 200) throw new Error(`POST /exec answered ${status}: ${text.slice(0, 200)}`);
    return performance.now() - began;
  };

  const measureOnce = async (contender: Contender): Promise<ExecRun> => {
    const command = (port: number) => [...contender.command(port), ...enrolment];
    const running = await startContender({ ...contender, command }, children, signal);
    try {
      // A token must be younger than the agent, whatever becomes of the clock.
      await sleep(3 * CLOCK_STEP_MS);
      for (let warm = 0; warm < WARM_UP; warm += 1) await askOnce(running.port);
      const tookMs: number[] = [];
      while (tookMs.length < count) {
        signal.throwIfAborted();
        tookMs.push(await askOnce(running.port));
      }
      return { p50Ms: percentile(tookMs, 50), p99Ms: percentile(tookMs, 99) };
    } finally {
      await running.stop();
    }
  };

  const measured = contenders.map(({ name }): { name: string; runs: ExecRun[] } => ({
    name,
    runs: [],
  }));
  for (let run = 0; run < runs; run += 1) {
    for (const [index, contender] of contenders.entries()) {
      measured[index]?.runs.push(await measureOnce(contender));
    }
  }
  return measured;
};
