/**
 * What the manager tells browsers without being asked, over socket.io on its own HTTP server. A
 * client costs a bounded amount of memory and time, whatever it does or does not do.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { LogHub } from '../logs/hub/log-hub.ts';
import type { Readings } from '../readings/readings.ts';
import type { ProvisioningSource } from '../provisioning/provisioning.ts';
import type { RunSource } from '../runs/run-source.ts';
import type { AgentStates } from '../updates/agent-states.ts';
import type { Vms } from '../vms/vm-record.ts';
import { listenToClient } from './client-events.ts';
import type { PushSocket } from './connection.ts';
import { makeConnections } from './connections.ts';
import type { Feature } from './feature.ts';
import { makeFleet } from './fleet.ts';
import { checkHandshake, type HandshakeRefusal } from './handshake.ts';
import { keepConnection } from './kept-connection.ts';
import { PUSH_LIMITS, type PushLimits } from './limits.ts';
import { makeLogPush } from './logs.ts';
import { makeProvisionPush } from './provisioning.ts';
import { makePushCounters, type PushStats } from './push-stats.ts';
import { makeRunPush } from './runs.ts';
import { makeSignIn, type SignInRefusal } from './sign-in.ts';
import { makeSocketServer } from './socket-server.ts';
import { makeVmPush, type OnEnrollment } from './vm.ts';
import { makeWaitingRoom, type Visitor } from './waiting-room.ts';

export interface PushDependencies {
  /** With its request listeners in place already: engine.io puts itself before those it finds. */
  readonly httpServer: HttpServer;
  readonly authenticator: Authenticator;
  readonly vms: Vms;
  readonly agents: AgentStates;
  readonly readings: Readings;
  readonly logHub: LogHub;
  readonly runs: RunSource;
  readonly provisioning: ProvisioningSource;
  readonly onEnrollment: OnEnrollment;
  readonly isHostAllowed: (host: string | undefined) => boolean;
  /** Undefined: the client sent no Origin, as programs do. */
  readonly isOriginAllowed: (origin: string | undefined, host: string | undefined) => boolean;
  /** Whose network a request comes from, for counting. */
  readonly networkOf: (request: IncomingMessage) => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<PushLimits>;
}

export interface Push {
  stats(): PushStats;
  /** Whether anybody is subscribed to this VM. */
  isWatched(vmId: string): boolean;
  /** To be called before the HTTP server closes; new connections are refused from here on. */
  stop(): Promise<void>;
}

export const makePush = (dependencies: PushDependencies): Push => {
  const { httpServer, authenticator, vms, readings, logHub: hub, clock, log } = dependencies;
  const limits: PushLimits = { ...PUSH_LIMITS, ...dependencies.limits };
  const monotonicMs = (): number => clock.monotonicMs();
  const counters = makePushCounters();
  let isStopping = false;

  const waiting = makeWaitingRoom(limits);
  /** A browser shows its cookie at once; programs may show their token only after the handshake. */
  const lookAt = (request: IncomingMessage): Visitor => {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined || cookie !== undefined) {
      const answer = authenticator.authenticate({ authorization, cookie });
      if (answer.ok) return { key: `actor ${answer.actor.id}`, isKnown: true };
    }
    return { key: `network ${dependencies.networkOf(request)}`, isKnown: false };
  };
  const visitors = new WeakMap<IncomingMessage, Visitor>();
  const visitorOf = (request: IncomingMessage): Visitor => {
    const visitor = visitors.get(request) ?? lookAt(request);
    visitors.set(request, visitor);
    return visitor;
  };
  const check = (request: IncomingMessage): HandshakeRefusal | undefined => {
    const refusal = checkHandshake(request, {
      isHostAllowed: dependencies.isHostAllowed,
      isOriginAllowed: dependencies.isOriginAllowed,
      hasRoom: () => server.count() < limits.maxConnections && waiting.hasRoom(visitorOf(request)),
      isStopping: () => isStopping,
    });
    if (refusal !== undefined) counters.handshakesRefused[refusal] += 1;
    return refusal;
  };
  const server = makeSocketServer(httpServer, { limits, check, visitorOf, waiting });
  const { io } = server;

  const fleet = makeFleet({ io, vms, agents: dependencies.agents, readings, limits, clock });
  const { onEnrollment } = dependencies;
  const vm = makeVmPush({ vms, readings, limits, monotonicMs, onEnrollment });
  const logs = makeLogPush({ hub, vms, limits, clock });
  const runs = makeRunPush({ source: dependencies.runs, limits, monotonicMs, log });
  const source = dependencies.provisioning;
  const provisioning = makeProvisionPush({ source, vms, limits, monotonicMs, log });
  const features: readonly Feature[] = [fleet, vm, logs, runs, provisioning];
  const events = new Map(features.flatMap((feature) => [...feature.events]));

  const connections = makeConnections({
    limits,
    monotonicMs,
    stillValid: (actor) => authenticator.stillValid(actor),
    owesSince: (connection, since) =>
      features.some((feature) => feature.owesSince?.(connection, since) ?? false),
  });
  const signIn = makeSignIn(authenticator);

  /** Kept from here on, before socket.io says "connection": the session may end in between. */
  const admit = (socket: PushSocket): SignInRefusal | undefined => {
    const answer = signIn(socket);
    if (!answer.ok) return answer.refusal;
    const { actor } = answer;
    if (connections.countOf(actor.id) >= limits.maxConnectionsPerActor) {
      const message = `at most ${limits.maxConnectionsPerActor} connections of one token or session`;
      return { code: 'too_many_connections', message };
    }
    const connection = keepConnection({
      socket,
      actor,
      monotonicMs,
      onEnd(closed, reason) {
        counters.closed[reason] += 1;
        for (const feature of features) feature.closed(closed);
      },
      onClosed(closed) {
        connections.remove(closed);
      },
    });
    connections.add(connection);
    waiting.leave(socket.conn);
    counters.connected += 1;
    listenToClient(connection, { events, limits, monotonicMs, log, counters });
    return undefined;
  };

  io.use((socket, next) => {
    const refusal = admit(socket);
    if (refusal === undefined) {
      next();
      return;
    }
    counters.signInsRefused += 1;
    next(Object.assign(new Error(refusal.message), { data: refusal }));
    // After the refusal was written.
    setImmediate(() => socket.conn.close());
  });

  const stopListening = authenticator.onEnded((actorId) => {
    connections.end(actorId);
  });
  const checkTimer = setInterval(() => {
    connections.check();
  }, limits.checkIntervalMs);
  const recheckTimer = setInterval(() => {
    connections.recheck();
  }, limits.recheckIntervalMs);

  return {
    isWatched: (vmId) => vm.isWatched(vmId),
    stats: () => ({
      ...counters,
      handshakesRefused: { ...counters.handshakesRefused },
      closed: { ...counters.closed },
      connections: connections.count(),
      bufferedBytes: connections.bufferedBytes(),
      fleet: fleet.stats(),
      vm: vm.stats(),
      logs: logs.stats(),
      runs: runs.stats(),
      provisioning: provisioning.stats(),
    }),
    async stop() {
      isStopping = true;
      clearInterval(checkTimer);
      clearInterval(recheckTimer);
      stopListening();
      for (const connection of connections.all()) connection.close('stopped');
      for (const feature of features) feature.stop();
      await server.destroy();
    },
  };
};
