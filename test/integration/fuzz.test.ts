/**
 * Thousands of requests that no honest client sends, to the real agent, which stands in namespaces
 * of its own with everything but its socket's folder read-only: whatever it is talked into, it can
 * do nothing. INNKEEPER_FUZZ_SEED repeats a run, INNKEEPER_FUZZ_RUNS makes it longer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { healthSchema } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildNative } from '../../scripts/build/native.ts';
import { bundleOn, startAgent, type AgentBuild } from '../support/agent-process.ts';
import { parseExposition } from '../support/exposition-text.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { enterNamespace } from '../support/namespace.ts';
import { orSkip } from '../support/obtained.ts';
import { isLong, scaled } from '../long/scale.ts';
import { checkAnswers } from './fuzz/answers.ts';
import { fuzzedBytes, type Bytes } from './fuzz/requests.ts';

/** A million as a part of `npm run test:long`. */
const USUAL_RUNS = isLong ? scaled(1_000_000) : 10_000;
const RUNS = Number(process.env['INNKEEPER_FUZZ_RUNS'] ?? USUAL_RUNS);
const SEED = process.env['INNKEEPER_FUZZ_SEED'];
const TEST_MS = 60_000 + RUNS * 20;
/** A body of one-byte chunks takes the sanitized one a second of a core; only what hangs takes longer. */
const ANSWER_MS = 30_000;

/** Writes the bytes in their parts, hangs up its own side, and reads until the agent does too. */
const exchange = async (socketPath: string, { bytes, cuts }: Bytes): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    const timer = setTimeout(() => {
      reject(new Error(`the agent neither answered nor hung up within ${ANSWER_MS} ms`));
      socket.destroy();
    }, ANSWER_MS);
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    // The agent may hang up while it is still being written to.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(received));
    });
    const offsets = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length];
    offsets.sort((left, right) => left - right);
    const writeFrom = (index: number): void => {
      const [from, to] = offsets.slice(index, index + 2);
      if (from === undefined || to === undefined) {
        socket.end();
        return;
      }
      // In the next turn, so that the parts arrive as parts.
      socket.write(bytes.subarray(from, to), () => setImmediate(writeFrom, index + 1));
    };
    writeFrom(0);
  });

/** The native binary as AddressSanitizer and UndefinedBehaviorSanitizer watch it. */
const SANITIZED = await buildNative('sanitized');

const builds: readonly AgentBuild[] = [
  ...(isLong ? [] : [bundleOn(process.execPath)]),
  ...(SANITIZED.ok ? [{ name: 'the sanitized binary', command: [SANITIZED.path] }] : []),
];

test('the native binary can be built with sanitizers', (context) => {
  expect(orSkip(context, 'the sanitized agent', SANITIZED).path).toMatch(/sanitized$/u);
});

describe.each(builds)('$name', (build) => {
  test(
    'answers whatever is sent to it properly, and lives on',
    { timeout: TEST_MS },
    async (ctx) => {
      const folder = mkdtempSync(join(tmpdir(), 'agent-fuzz-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const inside = enterNamespace(
        `mount --bind '${folder}' '${folder}'\nmount -o remount,bind,ro /`,
      );
      if (!inside.ok) return ctx.skip(inside.reason);

      const manager = makeManagerKey();
      const socketPath = join(folder, 'agent.sock');
      const agent = await startAgent({
        build,
        launcher: inside.launcher,
        args: ['--listen', '0.0.0.0:0', '--socket', socketPath],
        config: { vm_id: 'vm-1', manager_keys: [manager.publicKey] },
      });
      onTestFinished(async () => void (await agent.kill()));
      const claims = {
        aud: 'vm-1',
        scope: 'metrics logs exec files power',
        // A million requests take more than an hour.
        exp: secondsFromNow(3600 + Math.ceil(TEST_MS / 1000)),
      };
      const token = manager.sign(claims);
      const address: HttpAddress = { socketPath };
      const startTime = async (): Promise<number | undefined> => {
        const { text } = await ask(address, '/metrics', { headers: bearer(token) });
        return parseExposition(text).get('process_start_time_seconds')?.samples[0]?.value;
      };
      const startedAt = await startTime();

      const seen = new Map<number | 'nothing', number>();
      await fc.assert(
        fc.asyncProperty(fuzzedBytes(token), async (request) => {
          const statuses = checkAnswers(await exchange(socketPath, request), request.bytes);
          for (const status of statuses.length === 0 ? (['nothing'] as const) : statuses) {
            seen.set(status, (seen.get(status) ?? 0) + 1);
          }
        }),
        { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) },
      );

      // The requests have reached each of these, or they would prove little.
      for (const status of [200, 400, 401, 404, 413, 422, 431, 'nothing'] as const) {
        expect(seen.get(status) ?? 0, `answers with ${status}`).toBeGreaterThan(0);
      }
      expect(seen.get(200)).toBeGreaterThan(RUNS / 50);
      healthSchema.parse((await ask(address, '/health', { headers: bearer(token) })).json());
      expect(await startTime()).toBe(startedAt);
      expect(agent.log().map(({ message }) => message)).toStrictEqual([
        'listening',
        'listening',
        'started',
      ]);
      return undefined;
    },
  );
});
