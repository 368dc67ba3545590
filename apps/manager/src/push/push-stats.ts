/** What the push server counts. */
import type { CloseReason } from './connection.ts';
import type { FleetStats } from './fleet.ts';
import type { HandshakeRefusal } from './handshake.ts';
import type { LogPushStats } from './logs.ts';
import type { ProvisionPushStats } from './provisioning.ts';
import type { RunPushStats } from './runs.ts';
import type { VmPushStats } from './vm.ts';

/** They only grow. */
export interface PushCounters {
  /** Signed in. */
  connected: number;
  signInsRefused: number;
  events: number;
  unknownEvents: number;
  /** For their rate. */
  refusedEvents: number;
  /** By a bug: logged. */
  failedEvents: number;
  readonly handshakesRefused: Record<HandshakeRefusal, number>;
  readonly closed: Record<CloseReason, number>;
}

export interface PushStats extends Readonly<PushCounters> {
  /** Open and signed in. */
  readonly connections: number;
  /** Waiting for clients to read, as of the last check. */
  readonly bufferedBytes: number;
  readonly fleet: FleetStats;
  readonly vm: VmPushStats;
  readonly logs: LogPushStats;
  readonly runs: RunPushStats;
  readonly provisioning: ProvisionPushStats;
}

export const makePushCounters = (): PushCounters => ({
  connected: 0,
  signInsRefused: 0,
  events: 0,
  unknownEvents: 0,
  refusedEvents: 0,
  failedEvents: 0,
  handshakesRefused: {
    stopping: 0,
    token_in_url: 0,
    host: 0,
    origin: 0,
    jsonp: 0,
    too_many: 0,
  },
  closed: {
    client: 0,
    ping_timeout: 0,
    transport_error: 0,
    session_ended: 0,
    stalled: 0,
    buffer_full: 0,
    no_acknowledgement: 0,
    too_many_events: 0,
    stopped: 0,
  },
});
