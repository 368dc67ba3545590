/** How a manager starts and ends: settings, ports, data folders and signals. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  makeDataDir,
  postmasterPid,
  processesOf,
  removeDataDir,
  runManager,
  spawnManager,
  startManager,
  type ManagerOptions,
} from '../support/manager-process.ts';
import { makeFleet, newestOf, readSamples, untilStored } from '../support/manager-samples.ts';
import { openSocket } from '../support/manager-socket.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What the manager promises. */
const END_MS = 10_000;
const TURNS_MS = 3_000;

const TEMPLATE = makeDataDir();
let testDatabase: TestDatabase;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await (await startManager({ dataDir: TEMPLATE })).stop();
});
afterAll(async () => {
  removeDataDir(TEMPLATE);
  await testDatabase.drop();
});

const useDataDir = (): string => {
  const dataDir = makeDataDir();
  onTestFinished(() => removeDataDir(dataDir));
  return dataDir;
};

/** Of a manager that was stopped in order: to make a database takes seconds. */
const useFilledDataDir = (): string => {
  const dataDir = useDataDir();
  execFileSync('cp', ['-a', `${TEMPLATE}/.`, dataDir]);
  return dataDir;
};

const untilNothingIsLeft = async (dataDir: string): Promise<void> =>
  waitUntil('no process of it is left', () => processesOf(dataDir).length === 0, END_MS);

describe('a setting that is wrong', () => {
  const secret = 'hunter2';
  const cases: readonly (readonly [string, ManagerOptions, RegExp])[] = [
    ['an unknown flag', { args: ['--speed', '1'] }, /unknown flag "--speed"/u],
    ['an unknown variable', { variables: { INNKEEPER_SPEED: '1' } }, /setting INNKEEPER_SPEED;/u],
    ['an interval', { args: ['--pull-interval', '1ms'] }, /--pull-interval must be a time from/u],
    ['an address', { args: ['--listen', 'nowhere'] }, /--listen must be host:port/u],
    ['networks', { args: ['--guest-cidrs', '10.0.0.0/99'] }, /INNKEEPER_GUEST_CIDRS "10\.0\.0\.0/u],
    ['a token', { variables: { INNKEEPER_ADMIN_TOKEN: secret } }, /INNKEEPER_ADMIN_TOKEN must be/u],
  ];
  test.each(cases)(
    '(%s) ends the start with a sentence and exit code 78',
    async (_what, options, sentence) => {
      const ended = await runManager({ databaseUrl: testDatabase.url, ...options });
      expect(ended.stderr).toMatch(sentence);
      const sentences = ended.stderr.split('\n').filter((line) => line.startsWith('innkeeper: '));
      expect(sentences).toHaveLength(1);
      expect(ended.stderr).not.toContain(secret);
      expect(ended).toMatchObject({ code: 78, stdout: '' });
    },
  );
});

test('a port in use is named, and Postgres stopped again', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await waitUntil('somebody listens', () => other.listening);
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const dataDir = useFilledDataDir();
  const args = ['--listen', `127.0.0.1:${port}`];
  const ended = await runManager({ dataDir, args });
  expect(ended.stderr).toContain(`${port}`);
  expect(ended.stderr).toMatch(/something else listens there already/u);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  await untilNothingIsLeft(dataDir);
});

test('a data folder of another Postgres is told, and left as it is', async () => {
  const dataDir = useFilledDataDir();
  const path = join(dataDir, 'postgres', 'cluster', 'PG_VERSION');
  writeFileSync(path, '12\n');
  const before = statSync(path).mtimeMs;
  const ended = await runManager({ dataDir });
  expect(ended.stderr).toMatch(/made by Postgres 12/u);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(statSync(path).mtimeMs).toBe(before);
});

test('a second manager on a data folder ends with a sentence, and the first goes on', async () => {
  const dataDir = useFilledDataDir();
  const first = await startManager({ dataDir });
  const pid = postmasterPid(dataDir);
  const second = await runManager({ dataDir });
  expect(second.stderr).toMatch(/another manager/u);
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(postmasterPid(dataDir)).toBe(pid);
  expect((await first.ask('/ready')).status).toBe(200);
  expect((await first.stop()).code).toBe(0);
});

test('what is secret in the data folder is for its owner only', async () => {
  const dataDir = useDataDir();
  const manager = await startManager({ dataDir, databaseUrl: testDatabase.url });
  const mode = statSync(join(dataDir, 'admin-token')).mode % 0o1000;
  expect(mode).toBe(0o600);
  for (const line of manager.log()) {
    expect(JSON.stringify(line)).not.toContain(manager.adminToken);
    expect(JSON.stringify(line)).not.toContain(manager.signInCode);
  }
  await manager.stop();
});

describe('a signal', () => {
  test('ends it in order, with everything written', async () => {
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    const manager = await startManager({ databaseUrl: url });
    const { agent, vmIds } = await makeFleet(manager, 5);
    onTestFinished(async () => void (await agent.kill()));
    // Somebody who looks, and a connection that is kept open, hold nothing up.
    const socket = await openSocket(manager);
    onTestFinished(() => socket.close());
    await socket.emit('vm:subscribe', { vm_id: vmIds[0] });
    // A request that never ends, either.
    const half = connect(manager.port, manager.host);
    half.on('error', () => undefined);
    onTestFinished(() => void half.destroy());
    half.write('POST /v1/vms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n');
    half.write(`Authorization: Bearer ${manager.adminToken}\r\n`);
    half.write('Content-Type: application/json\r\n\r\n{');
    await untilStored({ url }, 5, 2);
    const signalled = Date.now();
    expect(await manager.stop()).toStrictEqual({ code: 0, signal: null });
    expect(Date.now() - signalled).toBeLessThan(END_MS);
    expect(signalled - newestOf(await readSamples({ url }))).toBeLessThan(TURNS_MS);
    expect(manager.log().filter(({ level }) => level === 'error')).toStrictEqual([]);
    expect(manager.log().at(-1)?.message).toBe('stopped');
  });

  test('that comes twice ends it at once, and its Postgres after it', async () => {
    const dataDir = useFilledDataDir();
    const manager = await startManager({ dataDir });
    const pid = postmasterPid(dataDir) ?? 0;
    // It hangs, so that the manager would wait for it.
    process.kill(pid, 'SIGSTOP');
    manager.signal('SIGTERM');
    await waitUntil('it stops', () => manager.hasLogged('stopping'));
    manager.signal('SIGINT');
    expect(await manager.exited).toStrictEqual({ code: 130, signal: null });
    process.kill(pid, 'SIGCONT');
    await untilNothingIsLeft(dataDir);
  });

  test('ends it within ten seconds even where Postgres hangs', async () => {
    const dataDir = useFilledDataDir();
    const manager = await startManager({ dataDir });
    const pid = postmasterPid(dataDir) ?? 0;
    process.kill(pid, 'SIGSTOP');
    const signalled = performance.now();
    expect(await manager.stop()).toStrictEqual({ code: 0, signal: null });
    expect(performance.now() - signalled).toBeLessThan(END_MS + 500);
    expect(manager.hasLogged('a part does not stop in time')).toBe(true);
    process.kill(pid, 'SIGCONT');
    await untilNothingIsLeft(dataDir);
  });

  test('during the start ends that, and leaves nothing half done', async () => {
    const dataDir = useDataDir();
    const manager = spawnManager({ dataDir });
    await waitUntil(
      'it makes its database',
      () => manager.hasLogged('making the database'),
      15_000,
    );
    manager.signal('SIGTERM');
    expect(await manager.exited).toStrictEqual({ code: 0, signal: null });
    await untilNothingIsLeft(dataDir);
    expect(existsSync(join(dataDir, 'postgres', 'cluster'))).toBe(false);
  });
});

test('a data folder that cannot be made is a sentence', async () => {
  const dataDir = useDataDir();
  writeFileSync(join(dataDir, 'file'), '');
  const below = join(dataDir, 'file', 'below');
  const ended = await runManager({ dataDir: below, databaseUrl: testDatabase.url });
  expect(ended.stderr).toContain(below);
  expect(ended.stderr).not.toMatch(/^\s+at /mu);
  expect(ended.code).toBe(1);
});
