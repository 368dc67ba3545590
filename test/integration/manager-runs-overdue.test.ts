/** Commands that go on past their timeout, through the built manager in the built agent. */
import { runCreatedSchema, runSchema, type Run, type RunExecution } from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { findFreePort } from '../../apps/manager/src/local-agent/free-port.ts';
import { BUNDLE } from '../support/agent-process.ts';
import {
  makeDataDir,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { expectStatus, vmNamed } from '../support/manager-questions.ts';
import { openSocket } from '../support/manager-socket.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let testDatabase: TestDatabase;
let manager: ManagerProcess;
let dataDir = '';
let port = 0;
let vmId = '';
const LONG_MS = 30_000;

const start = async (): Promise<ManagerProcess> =>
  startManager({
    databaseUrl: testDatabase.url,
    dataDir,
    args: ['--listen', `127.0.0.1:${port}`, '--local-agent', BUNDLE.path],
  });

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataDir = makeDataDir();
  port = await findFreePort();
  manager = await start();
  const machine = async () => vmNamed(manager, 'this-machine');
  const isUp = async () => (await machine()).latest.state === 'up';
  await waitUntil('its agent answers', isUp, LONG_MS);
  vmId = (await machine()).id;
});
afterAll(async () => {
  await manager.stop();
  await testDatabase.drop();
  removeDataDir(dataDir);
});

const begin = async (json: Readonly<Record<string, unknown>>): Promise<string> => {
  const body = { timeout_seconds: 0.5, on_timeout: 'ask', ...json };
  const reply = await manager.ask(`/v1/vms/${vmId}/exec`, { method: 'POST', json: body });
  return runCreatedSchema.parse(expectStatus(reply, 202).json()).run_id;
};
const read = async (id: string): Promise<Run> =>
  runSchema.parse(expectStatus(await manager.ask(`/v1/runs/${id}`), 200).json());
const only = ({ executions }: Run): RunExecution => {
  const [execution] = executions;
  if (execution === undefined) throw new Error('there is none');
  return execution;
};
const pathOf = (run: Run): string => `/v1/runs/${run.id}/executions/${only(run).id}`;
const answer = async (id: string, json: Readonly<Record<string, unknown>>) =>
  manager.ask(`${pathOf(await read(id))}/timeout`, { method: 'POST', json });
const stop = async (id: string): Promise<void> => {
  expectStatus(await manager.ask(pathOf(await read(id)), { method: 'DELETE' }), 202);
  await untilEnded(id);
};
const untilOverdue = async (id: string): Promise<Run> => {
  const isOverdue = async () => only(await read(id)).overdue_since !== null;
  await waitUntil('it is overdue', isOverdue, LONG_MS);
  return read(id);
};
const untilEnded = async (id: string): Promise<Run> => {
  await waitUntil('it ends', async () => (await read(id)).ended_at !== null, LONG_MS);
  return read(id);
};

test('a command past its timeout goes on, is waited for, asked about again, and then killed', async () => {
  const id = await begin({ argv: ['sleep', '600'] });
  const first = await untilOverdue(id);
  expect(first).toMatchObject({
    timeout_seconds: 0.5,
    on_timeout: 'ask',
    limit_seconds: 86_400,
    state: 'running',
  });
  const { state, started_at: startedAt, overdue_since: since } = only(first);
  expect(state).toBe('running');
  expect(since).toBe((startedAt ?? 0) + 500);
  expectStatus(await answer(id, { action: 'wait' }), 202);
  await waitUntil('it is waited for', async () => only(await read(id)).extended_until !== null);
  const second = only(await untilOverdue(id));
  expect(second.extended_until).toBe(second.overdue_since);
  expect(second.overdue_since).toBeGreaterThan(since ?? Infinity);
  await stop(id);
  expect(only(await read(id))).toMatchObject({
    state: 'exited',
    signal: 'SIGTERM',
    timed_out: false,
    overdue_since: null,
  });
});

test('a command that is left alone ends when it ends, and whoever watches is told of each step', async () => {
  const script = 'while [ ! -e "$0.go" ]; do sleep 0.05; done; rm "$0.go"; exit 4';
  const go = `${dataDir}/left`;
  const id = await begin({ argv: ['sh', '-c', script, go] });
  const socket = await openSocket(manager);
  try {
    await socket.emit('run:subscribe', { run_id: id });
    await untilOverdue(id);
    expectStatus(await answer(id, { action: 'leave' }), 202);
    await waitUntil('it is left', async () => only(await read(id)).left_at !== null);
    expect(only(await read(id)).overdue_since).toBeNull();
    expectStatus(
      await manager.ask(`/v1/vms/${vmId}/exec`, {
        method: 'POST',
        json: { argv: ['touch', `${go}.go`] },
      }),
      202,
    );
    const run = await untilEnded(id);
    expect(only(run)).toMatchObject({ state: 'exited', exit_code: 4, timed_out: false });
    const told = () => JSON.stringify(socket.others);
    await waitUntil('its end was told', () => told().includes('"exit_code":4'));
    expect(told()).toMatch(/"overdue_since":\d+/u);
    expect(told()).toMatch(/"left_at":\d+/u);
  } finally {
    socket.close();
  }
});

test('a manager that was killed finds again what is overdue, and takes the answer', async () => {
  const id = await begin({ argv: ['sleep', '600'] });
  const before = only(await untilOverdue(id));
  await manager.kill();
  manager = await start();
  expect(only(await read(id)).overdue_since).toBe(before.overdue_since);
  expectStatus(await answer(id, { action: 'wait', seconds: 600 }), 202);
  await waitUntil('it is written', async () => only(await read(id)).extended_until !== null);
  expect(only(await read(id)).overdue_since).toBeNull();
  await stop(id);
});

test('each answer is in the audit, with what it was about', async () => {
  const id = await begin({ argv: ['sleep', '600'] });
  await untilOverdue(id);
  expectStatus(await answer(id, { action: 'wait', seconds: 60 }), 202);
  expectStatus(await answer(id, { action: 'leave' }), 202);
  await stop(id);
  const { text } = await manager.ask(`/v1/audit?target_id=${id}`);
  const execution = only(await read(id)).id;
  expect(text).toContain('run.timeout_wait');
  expect(text).toContain('run.timeout_leave');
  expect(text).toContain(`"execution_id":"${execution}"`);
  expect(text).toContain('"seconds":60');
});

test('what cannot be answered is refused in words', async () => {
  const killed = await begin({ argv: ['sleep', '600'], on_timeout: 'kill', timeout_seconds: 60 });
  await waitUntil('it runs', async () => only(await read(killed)).state === 'running');
  const refused = await answer(killed, { action: 'wait' });
  expect(expectStatus(refused, 409).text).toContain('on_timeout is kill');
  await stop(killed);
  expect(expectStatus(await answer(killed, { action: 'leave' }), 409).text).toContain('run_over');
  expectStatus(await answer(killed, { action: 'wait', seconds: 86_401 }), 422);
  expectStatus(await answer(killed, { action: 'kill' }), 422);
});

test('a command that ends before its timeout is never asked about', async () => {
  const id = await begin({ argv: ['true'], timeout_seconds: 60 });
  expect(only(await untilEnded(id))).toMatchObject({
    exit_code: 0,
    overdue_since: null,
    extended_until: null,
    left_at: null,
  });
});
