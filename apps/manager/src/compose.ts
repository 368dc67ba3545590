/** Wires the manager: the only place that knows all of its parts, and their order. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startAccessControl } from './auth/access-control.ts';
import type { Clock } from './clock.ts';
import { ensureFirstAdminToken } from './compose/first-admin-token.ts';
import { greetingText } from './compose/greeting.ts';
import { startEnrollment } from './compose/start-enrollment.ts';
import { makeHealth } from './compose/make-health.ts';
import { makeManagerFacts } from './compose/manager-facts.ts';
import { makeRoutes } from './compose/make-routes.ts';
import { failed, problemOfMachine, type StartProblem } from './compose/problem.ts';
import { unlessStopped } from './compose/unless-stopped.ts';
import { makeReleasers, type Releasers } from './compose/releasers.ts';
import { serve } from './compose/serve.ts';
import { startDatabase } from './compose/start-database.ts';
import { startDeployment } from './compose/start-deployment.ts';
import { startLocalMachine } from './compose/start-local-machine.ts';
import { startKeptLogs } from './compose/start-kept-logs.ts';
import { startLogs } from './compose/start-logs.ts';
import { makePulling } from './compose/start-pulling.ts';
import { startProvisioning } from './compose/start-provisioning.ts';
import { startReadings } from './compose/start-readings.ts';
import { readAllowedPlaces, startRegistry } from './compose/start-registry.ts';
import { startRuns } from './compose/start-runs.ts';
import { startStore } from './compose/start-store.ts';
import { startUpdates } from './compose/start-updates.ts';
import { formatHostPort, type ListenAddress } from './config/listen-address.ts';
import type { Settings } from './config/settings.ts';
import { makeManagerMetrics } from './interop/manager-metrics.ts';
import { openKeyring } from './keys/keyring.ts';
import { makeTokenMinter } from './keys/token-minter.ts';
import type { Log } from './log.ts';
import type { System } from './postgres/system.ts';
import type { Push } from './push/push.ts';

export interface ManagerOptions {
  readonly settings: Settings;
  readonly version: string;
  /** The folder of the SQL files. */
  readonly migrations: string;
  /** The folder of what guests download. */
  readonly deployment: string;
  /** The folder of the built pages. */
  readonly pages: string;
  readonly system: System;
  readonly nodePath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
  /** What this process has used of the processors. */
  readonly cpuMs: () => number;
  readonly log: Log;
  readonly say: (text: string) => void;
  readonly stop: AbortSignal;
}

/** All of it, from the last pull to the last row: ten seconds, as init systems expect. */
const STOP_MS = 9_500;
/** Of them, for a start that is under way. */
const START_GRACE_MS = 3_000;

interface Started {
  readonly ok: true;
  /** Settles with a sentence when the manager cannot go on. */
  readonly ended: Promise<string>;
}

/** What other parts ask for before it is there. */
interface State {
  isStarted: boolean;
  push: Push | undefined;
}

/** Nobody can ask before the port is open, and then it is there. */
const pushOf = ({ push }: State): Push => {
  if (push === undefined) throw new Error('asked for the push before it was made');
  return push;
};

/** What is started here goes on until `releasers` end it, also where a later part fails. */
const start = async (
  options: ManagerOptions,
  releasers: Releasers,
): Promise<Started | StartProblem> => {
  const { settings, version, clock, log, stop } = options;
  const { pullIntervalMs: intervalMs, keepMs, keepProcessesMs, publicUrl, dataDir } = settings;
  const startedMonotonicMs = clock.monotonicMs();
  const shared = { clock, log, releasers };
  const allowed = readAllowedPlaces(settings, log);
  if (!allowed.ok) return allowed;
  // The embedded Postgres of a root runs as another user, who passes through to its own folder.
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });

  const { migrations, system, nodePath, environment, random, cpuMs } = options;
  const stored = await startDatabase({ ...shared, ...settings, migrations, system, stop });
  if (!stored.ok) return stored;
  const { database } = stored;
  const keyring = await openKeyring(database);
  const signingKey = () => keyring.signingKey();
  const access = await startAccessControl({ database, publicUrl, clock, log });
  releasers.add('access control', async () => access.stop());
  const adminTokenPath = join(dataDir, 'admin-token');
  await ensureFirstAdminToken({
    path: adminTokenPath,
    wanted: settings.adminToken,
    createFirstToken: access.createFirstToken,
  });

  let address: ListenAddress = settings.listen;
  const registry = await startRegistry({ ...shared, ...allowed, database, listen: () => address });
  const { vms, hosts } = registry;
  const now = startReadings({ ...shared, vms, hosts, intervalMs });
  const { watch, readings } = now;
  const bufferBytes = settings.storeBufferBytes;
  const { keepLogsMs, keepLogsBytes } = settings;
  const kept = { keepMs, keepProcessesMs, keepLogsMs, bufferBytes };
  const store = await startStore({ ...shared, ...kept, database, vms, readings });
  const mintToken = makeTokenMinter({ signingKey, clock });
  const state: State = { isStarted: false, push: undefined };
  const pulling = makePulling({
    ...shared,
    intervalMs,
    vms,
    hosts,
    watch,
    readings,
    mintToken,
    socketDirs: allowed.socketDirs,
    isWatched: (vmId) => state.push?.isWatched(vmId) ?? false,
    random,
  });
  const { askAgent, askProbe, askForScripts, gate, wake } = pulling;
  const guestUrl = { publicUrl: settings.guestUrl };
  const known = { ...registry, ...now, askProbe, wake, database, keyring, ...guestUrl };
  const hasLocalAgent = settings.localAgent !== undefined;
  const enrolling = await startEnrollment({ ...shared, ...known, hasLocalAgent });
  const asking = { vms, readings, mintToken, gate, random };
  const logs = startLogs({ ...shared, ...asking, cpuMs });
  const keeps = { keepLogsMs, keepLogsBytes, database, partitions: store.partitions };
  const keptLogs = await startKeptLogs({ ...shared, ...keeps, logHub: logs.hub, vms, random });
  const runs = startRuns({ ...shared, ...asking, settings, database, signingKey });
  const provisioning = startProvisioning({ ...shared, ...asking, runs, askForScripts, database });

  const health = makeHealth({
    isStarted: () => state.isStarted,
    guestPulls: () => pulling.guests.stats(),
    writer: () => store.writer.stats(),
    keptLogs: () => keptLogs.stats(),
    database,
    intervalMs,
    startedMonotonicMs,
    clock,
  });
  const metrics = makeManagerMetrics({
    version,
    ...pulling.metrics,
    readings: () => readings.stats(),
    writer: () => store.writer.stats(),
    maintenance: () => store.maintenance.health(),
    push: () => pushOf(state).stats(),
    logHub: () => logs.hub.stats(),
    keptLogs: () => keptLogs.stats(),
    runs: () => runs.stats(),
    database: () => ({ isUp: database.downSinceMonotonicMs() === undefined }),
    authFailures: () => access.failures(),
    now: () => clock.now(),
  });
  const { networks } = allowed;
  const facts = makeManagerFacts({ settings, version, clock, keyring, store, networks, stored });
  const { enrollments } = enrolling;
  const handing = { folder: options.deployment, ...guestUrl, keyring, enrollments, vms, hosts };
  const deployment = startDeployment({ ...shared, ...handing });
  const offering = { ...handing, ...deployment, database, signingKey };
  const updating = startUpdates({ ...shared, ...asking, ...offering });
  const working = { logs, runs, provisioning, updating, enrolling, deployment };
  const seen = { vms, hosts, ...now, askAgent, ...working };
  const about = { facts, metrics, health, startedMonotonicMs };
  const keeping = { keepMs: store.keepMs, keepProcessesMs, logPolicies: keptLogs.policies };
  const routes = makeRoutes({ ...seen, ...about, ...keeping, database, access, clock });
  const { authenticator } = access;
  const place = { listen: settings.listen, publicUrl, pages: options.pages };
  const sources = { ...updating, logHub: logs.hub, runs: runs.source, provisioning };
  const pushed = { vms, readings, ...sources, ...enrolling };
  const parts = { routes, authenticator, metrics, ...pushed };
  const served = await serve({ ...shared, ...place, ...parts });
  if (!served.ok) return served;
  state.push = served.push;
  ({ address } = served);
  const url = publicUrl?.origin ?? `http://${formatHostPort(address)}`;
  if (settings.localAgent !== undefined) {
    const managerKeys = keyring.publicKeys();
    const program = settings.localAgent;
    const local = { program, dataDir, managerUrl: url, managerKeys, nodePath, environment };
    await startLocalMachine({ ...shared, ...local, vms, hosts });
  }
  pulling.start();
  for (const part of [keptLogs, runs, provisioning, updating]) await part.start();
  state.isStarted = true;
  log.info('ready', { url, version, vms: vms.count(), postgres: stored.version });
  const { signInCode } = access;
  options.say(greetingText({ url, signInCode, adminTokenPath, hasPages: served.hasPages }));
  return { ok: true, ended: stored.ended };
};

const aborted = async (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

export const runManager = async (
  options: ManagerOptions,
): Promise<{ readonly ok: true } | StartProblem> => {
  const { clock, log, stop } = options;
  const releasers = makeReleasers(log, () => clock.monotonicMs());
  let started: Started | StartProblem | undefined;
  try {
    started = await unlessStopped(start(options, releasers), stop, START_GRACE_MS);
  } catch (error) {
    await releasers.releaseAll(STOP_MS);
    // Whoever stops it while it starts sees parts fail that were cut off.
    if (stop.aborted) return { ok: true };
    const problem = problemOfMachine(error);
    if (problem === undefined) throw error;
    return problem;
  }
  if (started === undefined) {
    log.warn('the start is given up half-way');
    await releasers.releaseAll(STOP_MS - START_GRACE_MS);
    return { ok: true };
  }
  const problem = started.ok
    ? await Promise.race([started.ended.then(failed), aborted(stop)])
    : started;
  log.info('stopping', problem === undefined ? {} : { problem: problem.problem });
  await releasers.releaseAll(STOP_MS);
  log.info('stopped');
  return problem === undefined || stop.aborted ? { ok: true } : problem;
};
