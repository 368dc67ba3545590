/** A push server on loopback with everything behind it made up, and clients for it. */
import { createServer, type Server } from 'node:http';
import type { ClientToServer, Role, ServerToClient } from '@innkeeper/protocol';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Actor } from '../../auth/actor.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import { refuse } from '../../http/problem.ts';
import type { Log } from '../../log.ts';
import { parseLabelSelector } from '../../vms/label-selector.ts';
import { makeLogHub, type OwnedLogHub } from '../../logs/hub/make-log-hub.ts';
import type { LogLimits } from '../../logs/limits.ts';
import { cpuMs } from '../../../../../test/support/cpu-ms.ts';
import { makeConnectGate } from '../../pull/connect-gate.ts';
import { makeAgentStates } from '../../updates/agent-states.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { PushLimits } from '../limits.ts';
import { makePush, type Push } from '../push.ts';
import { makeFakeProvisioning, type FakeProvisioning } from './fake-provisioning.ts';
import { makeFakeRuns, type FakeRuns } from './fake-runs.ts';
import {
  makeFakeReadings,
  makeFakeVms,
  makeVm,
  type FakeReadings,
  type FakeVms,
} from './fake-fleet.ts';

export type Client = Socket<ServerToClient, ClientToServer>;
export type ClientOptions = Partial<ManagerOptions & SocketOptions>;

export interface FakeAuthenticator extends Authenticator {
  /** Makes a token; it says the actor's id. */
  allow(token: string, more?: { readonly role?: Role; readonly scope?: string }): Actor;
  /** Ended, and everybody is told, or only found out by asking. */
  revoke(token: string, tell: boolean): void;
  listeners(): number;
}

const scopeOf = (text: string | undefined): Actor['scope'] => {
  if (text === undefined) return undefined;
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.selector;
};

export const makeFakeAuthenticator = (): FakeAuthenticator => {
  const actors = new Map<string, Actor>();
  const ended = new Set<string>();
  const listeners = new Set<(actorId: string) => void>();
  return {
    allow(token, { role = 'viewer', scope } = {}) {
      const actor: Actor = {
        kind: 'token',
        id: `id of ${token}`,
        name: token,
        role,
        scope: scopeOf(scope),
      };
      actors.set(token, actor);
      return actor;
    },
    revoke(token, tell) {
      const actor = actors.get(token);
      if (actor === undefined) throw new Error(`no token ${token}`);
      actors.delete(token);
      ended.add(actor.id);
      if (tell) for (const listener of listeners) listener(actor.id);
    },
    authenticate({ token, authorization, cookie }) {
      const shown =
        token ??
        authorization?.replace('Bearer ', '') ??
        /(?:^|; )session=(?<token>[^;]+)/u.exec(cookie ?? '')?.groups?.['token'];
      const actor = actors.get(shown ?? '');
      if (actor !== undefined) return { ok: true, actor, csrfToken: undefined };
      return refuse({ status: 401, code: 'unauthenticated', message: 'sign in first' });
    },
    stillValid: ({ id }) => !ended.has(id),
    onEnded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
  };
};

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface PushServerOfTest {
  readonly port: number;
  readonly push: Push;
  readonly logHub: OwnedLogHub;
  readonly runs: FakeRuns;
  readonly provisioning: FakeProvisioning;
  readonly httpServer: Server;
  readonly authenticator: FakeAuthenticator;
  readonly vms: FakeVms;
  readonly readings: FakeReadings;
  readonly errors: readonly string[];
  /** The enrolment of this VM has changed. */
  readonly enrollmentChanged: (vmId: string) => void;
  /** Under way: see `connected`. */
  readonly connect: (options?: ClientOptions) => Client;
  readonly stop: () => Promise<void>;
}

export interface PushServerOptions {
  readonly vms?: readonly VmRecord[];
  readonly limits?: Partial<PushLimits>;
  readonly logLimits?: Partial<LogLimits>;
  readonly now?: () => number;
}

/** With the tokens `everything` of a viewer, and `web` of one whose scope is `app=web`. */
export const startPushServer = async ({
  vms: known = [makeVm(1), makeVm(2, { labels: { app: 'web' } })],
  limits = {},
  logLimits = {},
  now = () => Date.now(),
}: PushServerOptions = {}): Promise<PushServerOfTest> => {
  const httpServer = createServer((_request, response) => {
    response.end('the rest of the manager');
  });
  const authenticator = makeFakeAuthenticator();
  authenticator.allow('everything');
  authenticator.allow('web', { scope: 'app=web' });
  const vms = makeFakeVms(known);
  const readings = makeFakeReadings();
  const errors: string[] = [];
  const clock = { now, monotonicMs: () => performance.now() };
  const logHub = makeLogHub({
    vms,
    onPulled: (listener) =>
      readings.onReading(({ id }, { reason }) => listener(id, reason === null)),
    mintToken: () => 'a-token',
    gate: makeConnectGate({ connecting: 8 }),
    random: () => 0.5,
    clock,
    cpuMs,
    limits: { retryMs: 20, maxRetryMs: 100, lingerMs: 50, ...logLimits },
  });
  const runs = makeFakeRuns(vms);
  const provisioning = makeFakeProvisioning();
  const enrollmentListeners = new Set<(vmId: string) => void>();
  const push = makePush({
    httpServer,
    authenticator,
    vms,
    agents: makeAgentStates(),
    readings,
    logHub,
    runs,
    provisioning,
    onEnrollment: (listener) => {
      enrollmentListeners.add(listener);
      return () => enrollmentListeners.delete(listener);
    },
    // As if it came from elsewhere.
    networkOf: ({ headers }) => String(headers['x-test-network'] ?? 'loopback'),
    isHostAllowed: (host) => host?.startsWith('127.0.0.1:') ?? false,
    isOriginAllowed: (origin, host) => origin === undefined || origin === `http://${host}`,
    clock,
    log: {
      ...silent,
      error(message, fields) {
        errors.push(`${message} ${JSON.stringify(fields)}`);
      },
    },
    limits: { frameIntervalMs: 50, checkIntervalMs: 50, ...limits },
  });
  await new Promise<void>((resolve) => {
    httpServer.listen(0, '127.0.0.1', resolve);
  });
  const address = httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const url = `http://127.0.0.1:${port}`;
  const usual: ClientOptions = {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth: { token: 'everything' },
  };
  const clients = new Set<Client>();
  return {
    port,
    push,
    logHub,
    runs,
    provisioning,
    enrollmentChanged: (vmId) => {
      for (const listener of enrollmentListeners) listener(vmId);
    },
    httpServer,
    authenticator,
    vms,
    readings,
    errors,
    connect(options = {}) {
      const client: Client = io(url, { ...usual, ...options });
      clients.add(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await push.stop();
      await logHub.stop();
      httpServer.closeAllConnections();
      await new Promise((resolve) => {
        httpServer.close(resolve);
      });
    },
  };
};
