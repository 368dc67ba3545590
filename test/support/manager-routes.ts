/**
 * The table of routes that a manager mounts, to hold a running one against. Nothing in it is asked
 * to answer: its parts are there, idle, on the same database.
 */
import { generateKeyPairSync } from 'node:crypto';
import { startAccessControl } from '../../apps/manager/src/auth/access-control.ts';
import { makeRoutes } from '../../apps/manager/src/compose/make-routes.ts';
import type { Database } from '../../apps/manager/src/database/database.ts';
import { openDeployment } from '../../apps/manager/src/deploy/deployment.ts';
import { makeHealthParts } from '../../apps/manager/src/health/probe.ts';
import { makeHostWatch } from '../../apps/manager/src/hosts/host-watch.ts';
import type { AnyRoute } from '../../apps/manager/src/http/route.ts';
import { makeBoots } from '../../apps/manager/src/provisioning/boots.ts';
import { makeProvisioningControls } from '../../apps/manager/src/provisioning/controls.ts';
import { RUN_LIMITS } from '../../apps/manager/src/runs/limits.ts';
import { makeRunAccess } from '../../apps/manager/src/runs/run-access.ts';
import { makeRunQuestions } from '../../apps/manager/src/runs/run-questions.ts';
import { makeAgentStates } from '../../apps/manager/src/updates/agent-states.ts';
import { makeReading } from './registry-fixtures.ts';
import { makeRegistries, silentLog, testClock } from './registry-harness.ts';

const HOUR_MS = 3_600_000;

export const listManagerRoutes = async (database: Database): Promise<readonly AnyRoute[]> => {
  const { vms, hosts, changes } = makeRegistries(database);
  const access = await startAccessControl({
    database,
    publicUrl: undefined,
    clock: testClock,
    log: silentLog,
  });
  const watch = makeHostWatch({ vms, hosts, intervalMs: 1_000, clock: testClock });
  const keepMs = { raw: HOUR_MS, '10s': HOUR_MS, '1m': HOUR_MS, '15m': HOUR_MS, '1h': HOUR_MS };
  const runAccess = makeRunAccess(vms);
  const routes = makeRoutes({
    facts: {
      version: '1.2.3',
      started_at: 0,
      pull_interval_ms: 1_000,
      keep_ms: keepMs,
      keep_processes_ms: 0,
      guest_networks: [],
      public_url: null,
      public_keys: () => [],
      database: { embedded: false, version: '18' },
    },
    database,
    vms,
    hosts,
    watch,
    readings: { latest: ({ id }) => makeReading(id), onReading: () => () => {} },
    glance: { glance: ({ id }) => makeReading(id), stop: () => {} },
    recent: {
      table: () => ({ end: 0, keys: [], cpu: Buffer.alloc(0), memory: Buffer.alloc(0) }),
    },
    keepProcessesMs: HOUR_MS,
    logPolicies: { list: () => [], replace: async () => {} },
    askAgent: async () => ({
      ok: false,
      seconds: 0,
      failure: { kind: 'unreachable', message: 'nobody is asked here' },
    }),
    logs: {
      hub: {
        join: () => {
          throw new Error('nobody listens here');
        },
        held: () => undefined,
        hasRoom: () => false,
        retryNow: () => {},
        stop: async () => {},
      },
      reader: {
        open: async () => ({
          ok: false,
          isBusy: false,
          failure: { kind: 'unreachable', message: 'nobody is asked here' },
        }),
        readings: () => 0,
      },
    },
    runs: {
      runs: {
        begin: async () => {
          throw new Error('nothing is run here');
        },
        control: async () => undefined,
        stopExecution: async () => undefined,
        answerTimeout: async () => undefined,
      },
      access: runAccess,
      questions: makeRunQuestions(database, runAccess),
      limits: RUN_LIMITS,
    },
    enrolling: {
      enrollments: {
        create: async () => {
          throw new Error('nobody is enrolled here');
        },
        revoke: async () => {},
        describe: async () => {
          throw new Error('nobody is enrolled here');
        },
      },
      hostAgents: { of: () => undefined },
      keyRotation: {
        describe: async () => {
          throw new Error('there are no keys here');
        },
        announce: async () => {
          throw new Error('there are no keys here');
        },
        complete: async () => {
          throw new Error('there are no keys here');
        },
      },
      enrollAgent: async () => {
        throw new Error('nobody is enrolled here');
      },
      reportAddress: async () => {
        throw new Error('nobody is enrolled here');
      },
    },
    provisioning: {
      controls: makeProvisioningControls({
        database,
        boots: makeBoots({ database, monotonicMs: () => 0 }),
        listGuestScripts: async () => ({ ok: false, message: 'nobody is asked here' }),
        poke: () => {},
      }),
    },
    updating: {
      agents: makeAgentStates(),
      offer: {
        version: undefined,
        sha256Of: () => undefined,
        signedManifest: () => ({ manifest: '', signature: '' }),
      },
      updates: {
        load: async () => {},
        begin: async () => {
          throw new Error('nothing is updated here');
        },
        control: async () => undefined,
        active: () => undefined,
        close: async () => {},
      },
    },
    deployment: openDeployment({
      folder: '/nowhere',
      publicUrl: undefined,
      keyring: {
        signingKey: () => generateKeyPairSync('ed25519').privateKey,
        publicKeys: () => [],
      },
      enrollments: {
        create: async () => {
          throw new Error('nobody is enrolled here');
        },
      },
      clock: testClock,
    }),
    access,
    metrics: { observeRequest: () => {}, text: async () => '' },
    health: makeHealthParts({}, testClock.now),
    keepMs,
    startedMonotonicMs: 0,
    clock: testClock,
  });
  watch.stop();
  await access.stop();
  await changes.stop();
  return routes;
};
