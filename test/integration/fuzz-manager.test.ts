/**
 * Ten thousand requests to the built manager that would run commands, save them or have them run at
 * boots, most of them odd. Each is answered clearly, and never with a fault of the manager. Its one
 * agent is a fake that starts nothing, so nothing of this machine can come to harm.
 * INNKEEPER_FUZZ_SEED repeats a run, INNKEEPER_FUZZ_RUNS makes it longer.
 */
import { errorBodySchema } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  startFakeExecAgent,
  type FakeExecAgent,
} from '../../apps/manager/src/runs/testing/fake-exec-agent.ts';
import { readTree } from '../bench/measure/process-tree.ts';
import {
  makeDataDir,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { askReady, createVm, expectStatus } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';
import { managerChanges, type Known, type ManagerChange } from './fuzz/manager-bodies.ts';

const REQUESTS = Number(process.env['INNKEEPER_FUZZ_RUNS'] ?? 10_000);
const SEED = process.env['INNKEEPER_FUZZ_SEED'];
/** So many are under way at once. */
const AT_ONCE = 25;
/** Nobody listens there. */
const CLOSED_PORT = 1;
const ANSWER_MS = 30_000;
/** A line of a stack trace, the text of a statement, or a name that only the inside knows. */
const INSIDE =
  /(?:\n|\\n)\s+at |node:internal|manager\.mjs|\.ts:\d|INSERT INTO|invalid input syntax/u;

vi.setConfig({ hookTimeout: 60_000 });

let testDatabase: TestDatabase;
let agent: FakeExecAgent;
let manager: ManagerProcess;
let dataDir = '';
let known: Known = { vmIds: [], commandIds: [], scriptIds: [] };

const make = async (path: string, json: object): Promise<string> => {
  const reply = await manager.ask(path, { method: 'POST', json });
  return z.looseObject({ id: z.uuid() }).parse(expectStatus(reply, 201).json()).id;
};

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataDir = makeDataDir();
  agent = await startFakeExecAgent('127.0.0.52');
  agent.onBegin((command) => {
    command.output('x\n');
    command.exit(0);
  });
  manager = await startManager({
    databaseUrl: testDatabase.url,
    dataDir,
    args: ['--log-dir', 'off'],
  });
  const labels = { env: 'prod' };
  const answers = { guest_ip: agent.host, agent_port: agent.port, labels };
  const silent = { guest_ip: '127.0.0.53', agent_port: CLOSED_PORT };
  const one = await createVm(manager, { name: 'answers', ...answers });
  const other = await createVm(manager, { name: 'silent', ...silent });
  const command = { name: 'word', argv: ['echo', '{{word}}'], parameters: [{ name: 'word' }] };
  const script = { name: 'script', script: 'true', when: 'first_boot', selector: 'none=here' };
  known = {
    vmIds: [one.id, other.id],
    commandIds: [await make('/v1/commands', command)],
    scriptIds: [await make('/v1/provisioning', script)],
  };
});
afterAll(async () => {
  await manager.stop();
  await agent.stop();
  await testDatabase.drop();
  removeDataDir(dataDir);
});

const send = async ({ kind, method, path, body }: ManagerChange): Promise<string> => {
  const headers = { 'content-type': 'application/json' };
  const reply = await manager.ask(path, { method, body, headers, timeoutMs: ANSWER_MS });
  const { status, text } = reply;
  if (INSIDE.test(text)) throw new Error(`the inside of the manager: ${text.slice(0, 500)}`);
  if (status >= 500 || status < 200) {
    const faults = manager.log().filter(({ level }) => level === 'error');
    throw new Error(`${method} ${path} ${body}: ${status} ${text}; ${JSON.stringify(faults)}`);
  }
  if (status < 400) return `${kind} ${status}`;
  const { error } = errorBodySchema.parse(reply.json());
  expect(error.message).not.toBe('');
  return `${kind} ${status}`;
};

test(
  'the manager answers all that it is asked to run, save or provision, and lives on',
  { timeout: 60_000 + REQUESTS * 60 },
  async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(managerChanges(known), { minLength: AT_ONCE, maxLength: AT_ONCE }),
        async (batch) => {
          for (const outcome of await Promise.all(batch.map(send))) {
            seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
          }
        },
      ),
      {
        numRuns: Math.ceil(REQUESTS / AT_ONCE),
        // A smaller example is not worth a thousand requests more.
        endOnFailure: true,
        ...(SEED !== undefined && { seed: Number(SEED) }),
      },
    );

    // The requests have reached each of these, or they would prove little.
    for (const outcome of [
      'exec 202',
      'exec 400',
      'exec 404',
      'exec 422',
      'runs 202',
      'runs 400',
      'runs 404',
      'runs 422',
      'commands 201',
      'commands 409',
      'commands 422',
      'provisioning 201',
      'provisioning 200',
      'provisioning 409',
      'provisioning 422',
      'control 422',
    ]) {
      expect(seen.get(outcome) ?? 0, `${outcome} in ${JSON.stringify([...seen])}`).toBeGreaterThan(
        0,
      );
    }
    expect(agent.begun.length).toBeGreaterThan(0);

    const unfinished = async () => {
      const { rows } = await testDatabase.database.query({
        text: 'SELECT id, state FROM run WHERE ended_at IS NULL',
      });
      return z.array(z.object({ id: z.uuid(), state: z.string() })).parse(rows);
    };
    await waitUntil(
      'every run is over, or waits for somebody after its canary has failed',
      async () => (await unfinished()).every(({ state }) => state === 'paused'),
      30_000,
    );
    for (const { id } of await unfinished()) {
      expectStatus(await manager.ask(`/v1/runs/${id}`, { method: 'DELETE' }), 202);
    }
    await waitUntil('every run is over', async () => (await unfinished()).length === 0, 30_000);
    expect(agent.streams()).toBe(0);
    expect(readTree(manager.pid)).toStrictEqual([manager.pid]);
    expect((await askReady(manager)).status).toBe(200);
    expect(manager.log().filter(({ level }) => level === 'error')).toStrictEqual([]);
  },
);
