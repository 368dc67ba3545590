/**
 * Ten thousand requests that would change something, most of them odd, to the real agent, which
 * stands in a root and in namespaces of its own: whatever it is talked into, it harms nothing. Each
 * is answered clearly, and nothing that was started is left. INNKEEPER_FUZZ_SEED repeats a run,
 * INNKEEPER_FUZZ_RUNS makes it longer.
 */
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, executionListSchema, rpcResponseSchema } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import { startEnrolled, type EnrolledAgent } from '../support/enrolled-agent.ts';
import type { HttpReply } from '../support/http-client.ts';
import { leafPid } from '../support/namespace.ts';
import { throwawayRoot } from '../support/throwaway-root.ts';
import { waitUntil } from '../support/wait-until.ts';
import { isLong, scaled } from '../long/scale.ts';
import { changes, type Change } from './fuzz/changes.ts';

/** Of all builds together. */
const USUAL_REQUESTS = isLong ? scaled(100_000) : 10_000;
const REQUESTS = Number(process.env['INNKEEPER_FUZZ_RUNS'] ?? USUAL_REQUESTS);
const SEED = process.env['INNKEEPER_FUZZ_SEED'];
/** So many are under way at once. */
const AT_ONCE = 25;
/** A line of a stack trace, or a name that only the inside of the agent knows. */
const INSIDE = /(?:\n|\\n)\s+at |node:internal|guest-agent\.mjs|\.ts:\d/u;

const checkReply = ({ kind }: Change, reply: HttpReply): string => {
  const { status, text } = reply;
  if (INSIDE.test(text)) throw new Error(`the inside of the agent: ${text.slice(0, 500)}`);
  if (status >= 400) {
    const { error } = errorBodySchema.parse(reply.json());
    // The machine may be out of processes, and has files that cannot be read; a bug is neither.
    const isOfMachine = error.code === 'cannot_start' || error.code === 'unreadable';
    if (status >= 500 && !isOfMachine) throw new Error(`${status} ${text}`);
    return `${kind} ${status}`;
  }
  if (status === 204) return `${kind} 204`;
  if (kind === 'rpc') {
    const document = reply.json();
    const answers = Array.isArray(document) ? document : [document];
    for (const answer of answers) rpcResponseSchema.parse(answer);
    return `rpc ${JSON.stringify(answers).includes('"error"') ? 'error' : 'result'}`;
  }
  return `${kind} ${status}`;
};

/** The processes in the namespace of this one, by their number outside. */
const sharingNamespace = (pid: number): readonly number[] => {
  const own = readlinkSync(`/proc/${pid}/ns/pid`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((name) => {
      try {
        return readlinkSync(`/proc/${name}/ns/pid`) === own;
      } catch {
        return false;
      }
    })
    .map(Number);
};

const send = async (guest: EnrolledAgent, change: Change): Promise<string> => {
  const { method, target, body, isAbandoned } = change;
  if (!isAbandoned) return checkReply(change, await guest.ask(method, target, body));
  // Somebody who follows a command and goes away at once.
  const stream = await guest.exec(body);
  stream.destroy();
  await stream.closed;
  return `${change.kind} abandoned`;
};

describe.each(AGENT_BUILDS)('$name', (build) => {
  test(
    'answers every change that it is asked for properly, and leaves nothing running',
    { timeout: 60_000 + REQUESTS * 20 },
    async (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'agent-changes-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const shared = join(folder, 'shared');
      mkdirSync(shared);
      const inside = throwawayRoot(join(folder, 'root'), shared, [tmpdir()]);
      if (!inside.ok) return context.skip(inside.reason);

      const socketPath = join(shared, 'agent.sock');
      const guest = await startEnrolled(
        {
          build,
          launcher: inside.launcher,
          args: ['--listen', '127.0.0.1:0', '--socket', socketPath],
          tokenSeconds: 8,
          config: {
            file_prefixes: [join(shared, 'files'), '/proc/self', '/run/guest-agent'],
            file_max_bytes: 20_000,
            exec_max_running: 32,
            power_commands: { shutdown: ['true'], reboot: ['false'] },
          },
        },
        () => ({ socketPath }),
      );
      const { agent } = guest;
      onTestFinished(async () => void (await agent.kill()));
      mkdirSync(join(shared, 'files'));

      const seen = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(
          fc.array(changes(join(shared, 'files')), { minLength: AT_ONCE, maxLength: AT_ONCE }),
          async (batch) => {
            for (const outcome of await Promise.all(batch.map((one) => send(guest, one)))) {
              seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
            }
          },
        ),
        {
          numRuns: Math.ceil(REQUESTS / AGENT_BUILDS.length / AT_ONCE),
          ...(SEED !== undefined && { seed: Number(SEED) }),
        },
      );

      // The requests have reached each of these, or they would prove little.
      for (const outcome of [
        'exec 200',
        'exec 400',
        'exec 404',
        'exec 422',
        'exec abandoned',
        'files 200',
        'files 403',
        'files 404',
        'files 413',
        'files 422',
        // The one that is taken may have come by rpc.
        'power 409',
        'power 422',
        'rpc result',
        'rpc error',
        'rpc 204',
      ]) {
        expect(
          seen.get(outcome) ?? 0,
          `${outcome} in ${JSON.stringify([...seen])}`,
        ).toBeGreaterThan(0);
      }

      await waitUntil(
        'every command is over',
        async () => {
          const { items } = executionListSchema.parse((await guest.ask('GET', '/exec')).json());
          return items.every(({ state }) => state === 'exited');
        },
        15_000,
      );
      const pid = leafPid(agent.pid, 'guest-agent');
      // Process 1 of the namespace, and the agent.
      await waitUntil('nothing else runs', () => sharingNamespace(pid).length === 2, 15_000);
      expect((await guest.ask('GET', '/health')).status).toBe(200);
      expect(
        agent.log().filter(({ message }) => /request failed|call failed/u.test(message)),
      ).toEqual([]);
      return undefined;
    },
  );
});
