/** The built manager with a fleet that it knows from its database. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../support/http-client.ts';
import { freePort } from '../../support/service-process.ts';
import type { Children } from '../measure/children.ts';
import { makeReachable, postmasterPid, withBenchDatabase } from '../store/database.ts';
import type { Counts, Puller } from './contender.ts';
import { parseManagerMetrics, type ManagerCounts } from './manager-metrics.ts';
import type { Fleet } from './plan.ts';

export interface OurManager extends Puller {
  readonly port: number;
  readonly token: string;
  readonly serverPid: number;
  metrics(): Promise<ManagerCounts & { readonly at: number }>;
}

export interface ManagerTools {
  readonly bundle: string;
  /** One of the benchmark's own. */
  readonly folder: string;
  readonly children: Children;
  readonly signal: AbortSignal;
}

const TOKEN = 'a-token-of-the-benchmark';
const START_MS = 60_000;
const POLL_MS = 50;
const METRICS_MS = 60_000;
/** Where it has more to do than it can, it answers that it is too busy. */
const METRICS_TRIES = 3;
/** tcpmux: nobody listens there. */
const CLOSED_PORT = 1;

/** Servers that a manager left behind which had to be killed. */
const servers = new Map<string, number>();
const endServer = (dataDir: string): void => {
  const pid = servers.get(dataDir);
  servers.delete(dataDir);
  // It removes its note when it ends: the pid is still its own.
  if (pid === undefined || postmasterPid(dataDir) !== pid) return;
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It has ended just now.
  }
};
process.once('exit', () => {
  for (const dataDir of servers.keys()) endServer(dataDir);
});

const INSERT_VMS = `
  INSERT INTO vm (name, guest_ip, agent_port, tls_pin)
  SELECT 'vm-' || number,
         ('127.77.' || number / 250 || '.' || 1 + number % 250)::inet,
         CASE WHEN number >= $1::int4 - $2::int4 THEN $3::int4 ELSE $4::int4 END,
         $5::bytea
  FROM generate_series(0, $1::int4 - 1) AS number`;

/** A data folder with the fleet in it, to be copied for each start. */
export const prepareData = async (
  { folder, signal }: Pick<ManagerTools, 'folder' | 'signal'>,
  { guests, refused }: Fleet,
  farmPort: number,
  /** Of the key by which all are known, where they encrypt. */
  tlsPin?: string,
): Promise<string> => {
  makeReachable(folder);
  const dataDir = join(folder, `fleet-${guests}-${refused}${tlsPin === undefined ? '' : '-tls'}`);
  const pin = tlsPin === undefined ? null : Buffer.from(tlsPin, 'base64url');
  rmSync(dataDir, { recursive: true, force: true });
  await withBenchDatabase(dataDir, signal, async ({ database }) => {
    await database.query({
      text: INSERT_VMS,
      values: [guests, refused, CLOSED_PORT, farmPort, pin],
    });
    await database.query({ text: 'ANALYZE vm' });
  });
  return dataDir;
};

const missedIn = ({ pulls, leftOut }: ManagerCounts): number => {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  return sum(pulls) - (pulls['ok'] ?? 0) + sum(leftOut);
};

export const startManager = async (
  { bundle, folder, children, signal }: ManagerTools,
  fleetData: string,
  intervalMs: number,
  more: readonly string[] = [],
): Promise<OurManager> => {
  const dataDir = join(folder, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  execFileSync('cp', ['-a', fleetData, dataDir]);
  const port = await freePort();
  const child = children.start([
    process.execPath,
    // As `npm start` and docs/operations.md have it.
    '--max-semi-space-size=64',
    bundle,
    `--data-dir=${dataDir}`,
    `--listen=127.0.0.1:${port}`,
    `--pull-interval=${intervalMs}ms`,
    `--admin-token=${TOKEN}`,
    '--log-format=json',
    ...more,
  ]);
  const address = { host: '127.0.0.1', port };
  const assertAlive = (): void => {
    const obituary = child.obituary();
    if (obituary !== undefined) throw new Error(`the manager has gone: ${obituary}`);
  };
  const stop = async (): Promise<void> => {
    await child.stop();
    endServer(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    for (const startedAt = performance.now(); ; await sleep(POLL_MS, undefined, { signal })) {
      assertAlive();
      const pid = postmasterPid(dataDir);
      if (pid !== undefined) servers.set(dataDir, pid);
      const isReady = await ask(address, '/ready').then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isReady) break;
      if (performance.now() - startedAt > START_MS) throw new Error('the manager does not start');
    }
    const serverPid = postmasterPid(dataDir);
    if (serverPid === undefined) throw new Error('the manager runs without its Postgres');
    const metrics: OurManager['metrics'] = async () => {
      let status = 0;
      for (let tried = 0; tried < METRICS_TRIES; tried += 1) {
        const headers = { authorization: `Bearer ${TOKEN}` };
        const reply = await ask(address, '/metrics?vms=false', { headers, timeoutMs: METRICS_MS });
        if (reply.status === 200) {
          return { ...parseManagerMetrics(reply.text), at: performance.now() };
        }
        ({ status } = reply);
      }
      throw new Error(`/metrics of the manager answers ${status}`);
    };
    return {
      pid: child.pid,
      serverPid,
      port,
      token: TOKEN,
      assertAlive,
      stop,
      metrics,
      counts: async (): Promise<Counts> => {
        const now = await metrics();
        const done = now.pulls['ok'] ?? 0;
        return { at: now.at, done, missed: missedIn(now), failingShare: 0 };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
