/** `npm start` as a user does it: started, looked at with what it prints, and ended. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { sessionSchema } from '@innkeeper/protocol';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../support/http-client.ts';
import { toHttp, type JsonQuestion } from '../support/http-served-app.ts';
import {
  environmentWithoutSettings,
  makeDataDir,
  processesOf,
  removeDataDir,
  type ManagerProcess,
} from '../support/manager-process.ts';
import {
  createVm,
  listHosts,
  listVms,
  untilReading,
  vmNamed,
} from '../support/manager-questions.ts';
import { waitUntil } from '../support/wait-until.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
/** For npm, the build and a new database, on a machine that does a lot besides. */
const START_MS = 90_000;
/** The manager promises ten seconds. */
const END_MS = 15_000;
const TEST_MS = 150_000;
/** Signals that race with each other do not do so each time. */
const RACES = 2;
const GAP_MS = 0.6;

interface Started extends Pick<ManagerProcess, 'ask' | 'url'> {
  readonly npmPid: number;
  readonly port: number;
  readonly signInCode: string | undefined;
  /** Processes that it has started, and that they have: some have a group of their own. */
  readonly pids: () => readonly number[];
}

/** Not a setting of the manager, which refuses those that it does not know. */
const MARK = 'START_TEST_OF_INNKEEPER';
const dataDir = makeDataDir();
let starts = 0;

afterAll(() => removeDataDir(dataDir));

/** Every process that has inherited this variable, in whatever group it is. */
const pidsWith = (variable: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(variable);
      } catch {
        // It has ended meanwhile, or belongs to somebody else.
        return false;
      }
    })
    .map(Number);

/** False where it is gone already. */
const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name);
  } catch {
    // ESRCH: there is nobody any more.
    return false;
  }
};

const isFree = async (port: number): Promise<boolean> =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });

interface Npm extends Pick<Started, 'npmPid' | 'pids'> {
  readonly output: () => string;
  /** Waits for a text in what it prints and logs. */
  readonly untilSays: (text: string) => Promise<void>;
}

const spawnNpmStart = (inFolder: string): Npm => {
  starts += 1;
  const value = `${process.pid}-${starts}`;
  const child = spawn('npm', ['start'], {
    cwd: REPOSITORY,
    detached: true,
    // Not those of the npm that may have started these tests.
    env: { ...environmentWithoutSettings(), INNKEEPER_DATA_DIR: inFolder, [MARK]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  // The agent and Postgres inherit nothing; they are known by their data folder.
  const pids = (): readonly number[] => [...pidsWith(`${MARK}=${value}`), ...processesOf(inFolder)];
  onTestFinished(() => {
    for (const pid of pids()) signal(pid, 'SIGKILL');
  });
  const untilSays = async (text: string): Promise<void> =>
    waitUntil(
      `it says "${text}"`,
      () => {
        if (child.exitCode !== null) throw new Error(`npm start ended: ${output}`);
        return output.includes(text);
      },
      START_MS,
    );
  return { npmPid: child.pid ?? Number.NaN, pids, output: () => output, untilSays };
};

const start = async (): Promise<Started> => {
  const { npmPid, pids, output, untilSays } = spawnNpmStart(dataDir);
  await untilSays('Ctrl-C stops it');
  const url = /^Innkeeper is ready: (\S+)$/mu.exec(output())?.[1] ?? '';
  const tokenPath = /^ +admin token +(\S+)$/mu.exec(output())?.[1] ?? '';
  const token = readFileSync(tokenPath, 'utf8').trim();
  const port = Number(new URL(url).port);
  const address = { host: '127.0.0.1', port };
  return {
    npmPid,
    url,
    port,
    signInCode: /#sign-in=(\S+)$/mu.exec(output())?.[1],
    pids,
    ask: async (path: string, question: JsonQuestion = {}) =>
      ask(address, path, toHttp({ token, ...question })),
  };
};

const untilNothingIsLeft = async (pids: Started['pids']): Promise<void> =>
  waitUntil('no process of it is left', () => pids().length === 0, END_MS);

const expectNothingLeft = async ({ port, pids }: Started): Promise<void> => {
  await untilNothingIsLeft(pids);
  expect(await isFree(port)).toBe(true);
};

/** Its own agent answers, and says how busy this machine is. */
const expectThisMachine = async (started: Started): Promise<void> => {
  const machine = await vmNamed(started, 'this-machine');
  const reading = await untilReading(
    started,
    machine.id,
    'this machine says how busy it is',
    (one) => one.origin === 'guest' && one.cpu_usage_percent !== null,
  );
  expect(reading).toMatchObject({ state: 'up', identity: 'verified', reason: null });
  expect(reading.memory_total_bytes).toBeGreaterThan(0);
};

describe('npm start', { timeout: TEST_MS }, () => {
  test('shows this machine within seconds, signs in once, and Ctrl-C ends it', async () => {
    const started = await start();
    await expectThisMachine(started);
    expect(await listHosts(started)).toMatchObject([{ name: 'this-machine', is_local: true }]);

    const signIn = { method: 'POST', json: { code: started.signInCode } };
    const { host, port } = { host: '127.0.0.1', port: started.port };
    const first = await ask({ host, port }, '/v1/session', toHttp(signIn));
    expect(sessionSchema.parse(first.json()).actor).toMatchObject({ role: 'admin' });
    expect((await ask({ host, port }, '/v1/session', toHttp(signIn))).status).toBe(401);
    const page = await ask({ host, port }, '/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    expect((await ask({ host, port }, '/v1/vms')).status).toBe(401);

    await createVm(started, { name: 'kept' });
    // npm, what it runs, the agent and Postgres.
    expect(started.pids().length).toBeGreaterThanOrEqual(4);
    // To the group, as a terminal does.
    expect(signal(-started.npmPid, 'SIGINT')).toBe(true);
    await expectNothingLeft(started);
  });

  test.each(['making the database', 'Postgres is ready'])(
    'Ctrl-C while it starts ends it (at "%s")',
    async (moment) => {
      const folder = makeDataDir();
      onTestFinished(() => removeDataDir(folder));
      const { npmPid, pids, untilSays } = spawnNpmStart(folder);
      await untilSays(moment);
      expect(signal(-npmPid, 'SIGINT')).toBe(true);
      await untilNothingIsLeft(pids);
    },
  );

  test.each(Array.from({ length: RACES }, (_, index) => index + 1))(
    'three SIGTERM at once to its group leave nothing behind, time %d',
    async () => {
      const started = await start();
      // Two that wait at the same time are one, so there is a moment between them.
      for (let times = 0; times < 3; times += 1) {
        signal(-started.npmPid, 'SIGTERM');
        const nextAt = performance.now() + GAP_MS;
        while (performance.now() < nextAt);
      }
      await expectNothingLeft(started);
    },
  );

  test('has its data again, and SIGTERM to npm alone ends all of it', async () => {
    const started = await start();
    const names = (await listVms(started)).map(({ name }) => name);
    expect(names.toSorted()).toStrictEqual(['kept', 'this-machine']);
    await expectThisMachine(started);
    expect(signal(started.npmPid, 'SIGTERM')).toBe(true);
    await expectNothingLeft(started);
  });
});
