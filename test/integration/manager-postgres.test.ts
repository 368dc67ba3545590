/** Managers with a Postgres of their own, as processes: killed at the worst moments. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
  vi,
  type TestContext,
} from 'vitest';
import { z } from 'zod';
import { root } from '../../scripts/root.ts';
import { makeLineReader } from '../support/line-reader.ts';
import {
  makeEmbeddedFolder,
  note,
  readNotes,
  type EmbeddedFolder,
} from '../support/postgres-embedded.ts';
import { waitUntil } from '../support/wait-until.ts';

const PROGRAM = join(root, 'test', 'support', 'postgres-manager.ts');
const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

const toldSchema = z.union([
  z.object({
    host: z.string(),
    port: z.number(),
    database: z.string(),
    user: z.string(),
    log: z.array(z.string()),
  }),
  z.object({ problem: z.string() }),
]);

interface Manager {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string>;
  /** How its start went. */
  told(): Promise<z.infer<typeof toldSchema>>;
  /** @throws where it did not come up */
  connection(): Promise<Extract<z.infer<typeof toldSchema>, { host: string }>>;
}

// Processes that start Postgres several times, next to other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let made: EmbeddedFolder;
let folder = '';
let dataDir = '';
const managers: Manager[] = [];

const postmasterPid = (): number => {
  const path = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[0]) : 0;
};

const isRunning = (pid: number): boolean => {
  try {
    return !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

beforeAll(async () => {
  made = makeEmbeddedFolder();
  await (await made.startWell()).stop();
});
afterAll(async () => made.remove());

/** Making a database takes a second: most tests begin with a copy of one. */
const copyDatabase = (): void => {
  execFileSync('cp', ['-a', made.dataDir, dataDir]);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-killed-'));
  chmodSync(folder, 0o711);
  dataDir = join(folder, 'data');
});

afterEach(async () => {
  for (const { child, ended } of managers.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  const pid = postmasterPid();
  if (pid > 0 && isRunning(pid)) process.kill(pid, 'SIGKILL');
  await waitUntil('nothing is left of it', () => pid === 0 || !isRunning(pid));
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const startManager = (user?: { uid: number; gid: number }): Manager => {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  });
  const line = makeLineReader(child.stdout);
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 'no reason'));
  });
  const told: Manager['told'] = async () => {
    const text = await line();
    if (text === undefined) throw new Error(`it said nothing, and ended: ${await ended}`);
    return toldSchema.parse(JSON.parse(text));
  };
  const manager: Manager = {
    child,
    ended,
    told,
    connection: async () => {
      const said = await told();
      if ('problem' in said) throw new Error(said.problem);
      return said;
    },
  };
  managers.push(manager);
  return manager;
};

const server = (connection: { host: string; port: number; database: string; user: string }) => ({
  connection,
});

const kill = async ({ child, ended }: Manager): Promise<void> => {
  child.kill('SIGKILL');
  await ended;
};

test('killed: the server goes on, and the next start ends it and has its data', async () => {
  copyDatabase();
  const first = startManager();
  await note(server(await first.connection()), 'kept');
  const orphan = postmasterPid();
  await kill(first);
  expect(isRunning(orphan)).toBe(true);

  const connection = await startManager().connection();
  expect(connection.log).toContain('warn ending the Postgres that an earlier run has left');
  expect(isRunning(orphan)).toBe(false);
  expect(await readNotes(server(connection))).toStrictEqual([{ text: 'kept' }]);
});

test('killed together with its server: the next start has the data', async () => {
  copyDatabase();
  const first = startManager();
  await note(server(await first.connection()), 'kept');
  const orphan = postmasterPid();
  // The server first, so that nobody restarts it.
  first.child.kill('SIGSTOP');
  process.kill(orphan, 'SIGKILL');
  await kill(first);
  const connection = await startManager().connection();
  expect(postmasterPid()).not.toBe(orphan);
  expect(await readNotes(server(connection))).toStrictEqual([{ text: 'kept' }]);
});

test('killed, and its data folder moved: the next start finds the server all the same', async () => {
  copyDatabase();
  const first = startManager();
  await note(server(await first.connection()), 'kept');
  const orphan = postmasterPid();
  await kill(first);
  const moved = join(folder, 'moved');
  renameSync(dataDir, moved);
  dataDir = moved;
  const connection = await startManager().connection();
  expect(isRunning(orphan)).toBe(false);
  expect(await readNotes(server(connection))).toStrictEqual([{ text: 'kept' }]);
});

test('killed while it makes the database: the next start makes it', async () => {
  const first = startManager();
  const place = join(dataDir, 'postgres');
  const half = (): string[] =>
    existsSync(place) ? readdirSync(place).filter((name) => name.startsWith('cluster.new')) : [];
  await waitUntil(
    'it is half done',
    () => half().some((name) => existsSync(join(place, name, 'global'))),
    10_000,
  );
  await kill(first);
  expect(existsSync(join(place, 'cluster'))).toBe(false);
  const connection = await startManager().connection();
  await note(server(connection), 'works');
  expect(half()).toStrictEqual([]);
});

test('a second manager ends with a sentence, and the first does not notice', async () => {
  copyDatabase();
  const first = await startManager().connection();
  const pid = postmasterPid();
  const second = startManager();
  expect(await second.told()).toHaveProperty('problem', expect.stringContaining('another manager'));
  expect(await second.ended).toBe(0);
  expect(postmasterPid()).toBe(pid);
  await note(server(first), 'undisturbed');
});

describe('as an ordinary user', () => {
  const whyNot = async (context: TestContext): Promise<void> => {
    if (!isRoot) context.skip('the tests run as an ordinary user: all the others show it');
    mkdirSync(dataDir, { mode: 0o700 });
    chownSync(dataDir, NOBODY.uid, NOBODY.gid);
    const probe = spawn(process.execPath, ['--version'], { ...NOBODY, cwd: root, stdio: 'ignore' });
    const code = await new Promise((resolve) => {
      probe.once('error', resolve);
      probe.once('exit', resolve);
    });
    if (code !== 0) context.skip('another user cannot run Node or enter this folder');
  };

  test('the server is theirs, and root can take over and give back', async (context) => {
    await whyNot(context);
    const ours = startManager(NOBODY);
    const connection = await ours.connection();
    expect(statSync(join(dataDir, 'postgres', 'cluster')).uid).toBe(NOBODY.uid);
    expect(statSync(join(dataDir, 'postgres')).mode % 0o1000).toBe(0o700);
    await note(server(connection), 'theirs');
    ours.child.kill('SIGTERM');
    expect(await ours.ended).toBe(0);

    const asRoot = startManager();
    expect(await readNotes(server(await asRoot.connection()))).toStrictEqual([{ text: 'theirs' }]);
    asRoot.child.kill('SIGTERM');
    expect(await asRoot.ended).toBe(0);
    expect(statSync(join(dataDir, 'postgres', 'cluster', 'PG_VERSION')).uid).toBe(NOBODY.uid);

    await startManager(NOBODY).connection();
  });

  test("somebody else's data folder is a sentence", async (context) => {
    await whyNot(context);
    rmSync(dataDir, { recursive: true });
    copyDatabase();
    const asRoot = startManager();
    await asRoot.connection();
    chownSync(dataDir, NOBODY.uid, NOBODY.gid);
    const told = await startManager({ uid: 12_345, gid: 12_345 }).told();
    expect(told).toHaveProperty('problem', expect.stringContaining('INNKEEPER_DATA_DIR'));
  });
});
