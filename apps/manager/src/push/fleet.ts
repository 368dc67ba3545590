/**
 * The fleet: who is there, reliably and with every change, and once a second how everyone is, as
 * one packed frame that may be lost. Actors with the same label scope share all of it.
 */
import { z } from 'zod';
import { authorize } from '../auth/authorize.ts';
import type { Readings } from '../readings/readings.ts';
import type { AgentStates } from '../updates/agent-states.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Connection, PushServer } from './connection.ts';
import { makeEventRate, type EventRate } from './event-rate.ts';
import { clientEvent, done, refused, type Feature, type Outcome } from './feature.ts';
import { makeFleetGroup } from './fleet-group.ts';
import { makeFleetSender, type FleetCounters, type WatchedScope } from './fleet-sender.ts';
import type { PushLimits } from './limits.ts';

export interface FleetStats extends Readonly<FleetCounters> {
  readonly watchers: number;
  readonly scopes: number;
}

/** So many newcomers as come within this time share one encoded list of members. */
const GATHER_MS = 50;
const nothing = z.union([z.undefined(), z.null(), z.strictObject({})]);

const noneYet = (): FleetCounters => ({
  framesBuilt: 0,
  framesSent: 0,
  framesDropped: 0,
  bytesSent: 0,
  membersSent: 0,
});

const listenTo = (
  vms: Pick<Vms, 'get' | 'onChange'>,
  agents: Pick<AgentStates, 'onChange'>,
  scopes: () => Iterable<WatchedScope>,
): (() => void) => {
  const stopVms = vms.onChange((change) => {
    for (const { group } of scopes()) group.apply(change);
  });
  const stopAgents = agents.onChange((vmId) => {
    const vm = vms.get(vmId);
    if (vm !== undefined) for (const { group } of scopes()) group.touch(vm);
  });
  return () => {
    stopVms();
    stopAgents();
  };
};

export const makeFleet = ({
  io,
  vms,
  agents,
  readings,
  limits,
  clock,
}: {
  readonly io: PushServer;
  readonly vms: Pick<Vms, 'all' | 'get' | 'onChange'>;
  readonly agents: AgentStates;
  readonly readings: Pick<Readings, 'latest'>;
  readonly limits: PushLimits;
  readonly clock: { now(): number; monotonicMs(): number };
}): Feature & { stats(): FleetStats } => {
  const scopes = new Map<string | undefined, WatchedScope>();
  const scopeOf = new Map<Connection, WatchedScope>();
  /** Each subscription sends everything, a thousand times what it took to ask. */
  const rates = new WeakMap<Connection, EventRate>();
  const counters = noneYet();
  const freshMs = limits.frameIntervalMs;
  const sender = makeFleetSender({ io, readings, clock, freshMs, counters });
  let scopesMade = 0;
  let frameTimer: NodeJS.Timeout | undefined;
  let gatherTimer: NodeJS.Timeout | undefined;
  let frameImmediate: NodeJS.Immediate | undefined;

  const stopTimers = (): void => {
    clearInterval(frameTimer);
    clearTimeout(gatherTimer);
    clearImmediate(frameImmediate);
    frameTimer = undefined;
    gatherTimer = undefined;
  };
  const tick = (): void => {
    sender.sendChanges(scopes.values());
    // A volatile event is lost where something was sent before it in the same turn.
    frameImmediate = setImmediate(() => {
      sender.sendFrames(scopes.values());
    });
  };
  const gather = (): void => {
    gatherTimer = undefined;
    sender.greetNewcomers(scopes.values());
  };

  /** The role decides whether an actor sees any VM at all, the scope which: see `authorize`. */
  const watchScope = ({ actor }: Connection): WatchedScope => {
    scopesMade += 1;
    const scope: WatchedScope = {
      room: `fleet ${scopesMade}`,
      newRoom: `fleet ${scopesMade} new`,
      group: makeFleetGroup(
        vms.all(),
        (vm) => authorize(actor, 'vm.read', vm),
        (vm) => agents.get(vm.id),
      ),
      connections: new Set(),
      newcomers: new Set(),
      frame: undefined,
    };
    scopes.set(actor.scope?.text, scope);
    frameTimer ??= setInterval(tick, limits.frameIntervalMs);
    return scope;
  };

  const leave = (connection: Connection): void => {
    const scope = scopeOf.get(connection);
    if (scope === undefined) return;
    scopeOf.delete(connection);
    scope.connections.delete(connection);
    scope.newcomers.delete(connection);
    void connection.socket.leave(scope.room);
    void connection.socket.leave(scope.newRoom);
    if (scope.connections.size + scope.newcomers.size > 0) return;
    scopes.delete(connection.actor.scope?.text);
    if (scopes.size === 0) stopTimers();
  };

  const subscribe = (connection: Connection): Outcome => {
    const { actor, socket } = connection;
    if (!authorize(actor, 'vm.read', undefined)) {
      return refused('forbidden', 'this role may not see VMs');
    }
    if (!scopes.has(actor.scope?.text) && scopes.size >= limits.maxScopes) {
      return refused('too_many_scopes', `at most ${limits.maxScopes} label scopes at once`);
    }
    const rate = rates.get(connection) ?? makeEventRate(limits.fleetBurst, 1);
    rates.set(connection, rate);
    if (!rate.take(clock.monotonicMs())) {
      const accepted = `accepted are ${limits.fleetBurst} at once, then one a second`;
      return refused('too_many_events', `too many subscriptions to the fleet: ${accepted}`);
    }
    const afterwards = (): void => {
      const scope = scopes.get(actor.scope?.text) ?? watchScope(connection);
      scopeOf.set(connection, scope);
      // Also again: everything is sent anew to a client that asks twice.
      scope.connections.delete(connection);
      void socket.leave(scope.room);
      scope.newcomers.add(connection);
      void socket.join(scope.newRoom);
      gatherTimer ??= setTimeout(gather, GATHER_MS);
    };
    return { ...done, afterwards };
  };

  const unsubscribe = (connection: Connection): Outcome => {
    leave(connection);
    return done;
  };

  const stopListening = listenTo(vms, agents, () => scopes.values());

  return {
    events: new Map([
      ['fleet:subscribe', clientEvent(nothing, subscribe)],
      ['fleet:unsubscribe', clientEvent(nothing, unsubscribe)],
    ]),
    closed: leave,
    stop() {
      stopListening();
      stopTimers();
    },
    stats: () => ({ ...counters, watchers: scopeOf.size, scopes: scopes.size }),
  };
};
