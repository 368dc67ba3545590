/** `npm start` as a user does it: started, looked at with the lines that it prints, and ended. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { waitUntil } from '../support/wait-until.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
/** For npm, the build and the agent, on a machine that does a lot besides. */
const START_MS = 60_000;
/** The agent gives requests four seconds, and there are none. */
const END_MS = 15_000;
const TEST_MS = 120_000;
/** Signals that race with each other do not do so each time. */
const RACES = 4;
const GAP_MS = 0.6;

interface Started {
  readonly npmPid: number;
  readonly address: HttpAddress & { readonly port: number };
  readonly paths: readonly string[];
  /** Processes that it has started, and that they have: the agent has a group of its own. */
  readonly pids: () => readonly number[];
}

const MARK = 'INNKEEPER_START_TEST';
let starts = 0;

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

const isFree = async ({ host, port }: { host: string; port: number }): Promise<boolean> =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, host, () => probe.close(() => done(true)));
  });

const start = async (): Promise<Started> => {
  starts += 1;
  const value = `${process.pid}-${starts}`;
  const variable = `${MARK}=${value}`;
  // Not those of the npm that may have started these tests.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  const child = spawn('npm', ['start'], {
    cwd: REPOSITORY,
    detached: true,
    env: { ...Object.fromEntries(inherited), [MARK]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const pids = (): readonly number[] => pidsWith(variable);
  onTestFinished(() => {
    for (const pid of pids()) signal(pid, 'SIGKILL');
  });
  const lines = (): RegExpMatchArray[] => [
    ...stdout.matchAll(/^ *curl http:\/\/(?<host>[\d.]+):(?<port>\d+)(?<path>\/\S+)$/gmu),
  ];
  await waitUntil(
    'it says where to look',
    () => {
      if (child.exitCode !== null) throw new Error(`npm start ended: ${stdout}${stderr}`);
      return stdout.includes('Ctrl-C stops it');
    },
    START_MS,
  );
  const [first] = lines();
  const { host = '', port } = first?.groups ?? {};
  return {
    npmPid: child.pid ?? Number.NaN,
    address: { host, port: Number(port) },
    paths: lines().map(({ groups }) => groups?.['path'] ?? ''),
    pids,
  };
};

const expectNothingLeft = async ({ address, pids }: Started): Promise<void> => {
  await waitUntil('no process of it is left', () => pids().length === 0, END_MS);
  expect(await isFree({ host: '127.0.0.1', port: address.port })).toBe(true);
};

describe('npm start', { timeout: TEST_MS }, () => {
  test('answers where it says, and Ctrl-C ends it', async () => {
    const started = await start();
    expect(started.paths).toStrictEqual(['/health', '/metrics']);
    for (const path of started.paths) {
      const { status, text } = await ask(started.address, path);
      expect(status, path).toBe(200);
      expect(text, path).toMatch(path === '/health' ? /"status"/u : /^node_cpu_seconds_total/mu);
    }
    // npm, what it runs, and the agent.
    expect(started.pids().length).toBeGreaterThanOrEqual(3);
    // To the group, as a terminal does.
    expect(signal(-started.npmPid, 'SIGINT')).toBe(true);
    await expectNothingLeft(started);
  });

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

  test('SIGTERM to npm alone ends all of it', async () => {
    const started = await start();
    expect(signal(started.npmPid, 'SIGTERM')).toBe(true);
    await expectNothingLeft(started);
  });
});
