/** The supervisor with a real Postgres: its starts, and what goes wrong between them. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  expectProblem,
  makeEmbeddedFolder,
  note,
  readNotes,
  withDatabase,
  type EmbeddedFolder,
} from '../../../../test/support/postgres-embedded.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';

// Postgres is made and started several times, next to other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let made: EmbeddedFolder;
let at: EmbeddedFolder;
beforeAll(async () => {
  made = makeEmbeddedFolder();
  await (await made.startWell()).stop();
});
afterAll(async () => made.remove());
beforeEach(() => {
  at = makeEmbeddedFolder(made.dataDir);
});
afterEach(async () => at.remove());

describe('a first start, and those after it', () => {
  test('keep the data, are set up for one manager, and leave nothing running', async () => {
    const first = await at.startWell();
    await note(first, 'kept');
    const settings = await withDatabase(first, async (database) => {
      const text = `SELECT name, setting FROM pg_settings WHERE name IN
        ('listen_addresses', 'data_checksums', 'synchronous_commit', 'fsync', 'server_encoding')
        ORDER BY name`;
      return (await database.query({ text })).rows;
    });
    expect(settings).toStrictEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '' },
      { name: 'server_encoding', setting: 'UTF8' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    const pid = at.postmasterPid();
    await first.stop();
    expect(await first.ended).toBeUndefined();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(existsSync(join(at.cluster, 'postmaster.pid'))).toBe(false);

    const second = await at.startWell();
    expect(await readNotes(second)).toStrictEqual([{ text: 'kept' }]);
  });

  test('only the owner and root reach the socket and the files', async () => {
    const { connection } = await at.startWell();
    expect(statSync(connection.host).mode % 0o1000).toBe(0o700);
    expect(statSync(at.cluster).mode % 0o1000).toBe(0o700);
    const socket = statSync(join(connection.host, '.s.PGSQL.5432'));
    expect(socket.mode % 0o1000).toBe(0o700);
    expect(socket.uid).toBe(statSync(at.cluster).uid);
    expect(socket.uid === 0).toBe(false);
  });

  test('Ctrl-C in the terminal does not reach the server', async () => {
    await at.startWell();
    const groupOf = (pid: number): string | undefined =>
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    expect(groupOf(at.postmasterPid())).toBe(String(at.postmasterPid()));
    expect(groupOf(process.pid)).not.toBe(String(at.postmasterPid()));
  });
});

describe('what an earlier start left behind', () => {
  test('a start that was killed half-way leaves nothing that looks complete', async () => {
    rmSync(at.dataDir, { recursive: true });
    const half = join(at.dataDir, 'postgres', 'cluster.new-999999999-abcd');
    mkdirSync(half, { recursive: true });
    chmodSync(at.dataDir, 0o711);
    chmodSync(dirname(half), 0o711);
    writeFileSync(join(half, 'PG_VERSION'), '18\n');
    await at.startWell();
    expect(readdirSync(dirname(half)).filter((name) => name.includes('new'))).toStrictEqual([]);
  });

  test('a stale note that names a process of somebody else is no obstacle', async () => {
    await (await at.startWell()).stop();
    const path = join(at.cluster, 'postmaster.pid');
    writeFileSync(path, `${process.pid}\n${at.cluster}\n0\n5432\n${at.temporaryDir}\n\n\nready\n`);
    writeFileSync(join(dirname(at.cluster), 'socket', '.s.PGSQL.5432.lock'), `${process.pid}\n`);
    await at.startWell();
    expect(at.postmasterPid()).not.toBe(process.pid);
  });

  test('a file that is no database is never written over', async () => {
    rmSync(at.dataDir, { recursive: true });
    mkdirSync(at.cluster, { recursive: true });
    chmodSync(at.dataDir, 0o711);
    writeFileSync(join(at.cluster, 'holiday.jpg'), '');
    await expectProblem(at, /no Postgres database/u);
    expect(readdirSync(at.cluster)).toStrictEqual(['holiday.jpg']);
  });
});

describe('a server that ends by itself', () => {
  test('is restarted, and the pool finds it again', async () => {
    const server = await at.startWell();
    await note(server, 'kept');
    const pid = at.postmasterPid();
    process.kill(pid, 'SIGKILL');
    await waitUntil('another one runs', () => ![0, pid].includes(at.postmasterPid()));
    await expect
      .poll(async () => readNotes(server).catch(() => undefined), { timeout: 10_000 })
      .toStrictEqual([{ text: 'kept' }]);
  });

  test('and cannot come back is given up with a sentence', async () => {
    const { log, ...started } = await at.start();
    if (!started.ok) throw new Error(started.problem);
    rmSync(join(at.cluster, 'global', 'pg_control'));
    process.kill(at.postmasterPid(), 'SIGKILL');
    expect(await started.server.ended).toMatch(/did not come back after 3 attempts/u);
    const failures = log.lines.filter((line) => line === 'error Postgres could not be restarted');
    expect(failures).toHaveLength(3);
  });

  test('while it is being stopped is not restarted', async () => {
    const server = await at.startWell();
    process.kill(at.postmasterPid(), 'SIGKILL');
    await Promise.all([server.stop(), server.stop()]);
    expect(await server.ended).toBeUndefined();
  });
});

describe('one manager for each data folder', () => {
  test('a second one gets a sentence, and the first goes on', async () => {
    const first = await at.startWell();
    const pid = at.postmasterPid();
    await note(first, 'undisturbed');
    await expectProblem(at, /another manager is running .*INNKEEPER_DATA_DIR/u);
    expect(at.postmasterPid()).toBe(pid);
    expect(await readNotes(first)).toStrictEqual([{ text: 'undisturbed' }]);
  });

  test('of two that start at the same moment one comes up', async () => {
    const both = await Promise.all([at.start(), at.start()]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    for (const started of both) {
      if (!started.ok) continue;
      await note(started.server, 'alive');
      expect(await readNotes(started.server)).toStrictEqual([{ text: 'alive' }]);
    }
  });
});
