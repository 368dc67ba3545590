/** Every part with numbers, as the manager has them after a while. */
import type { MetricSources } from '../manager-metrics.ts';

const histogram = { bounds: [0.1, 1], counts: [5, 1, 0], sum: 0.8, count: 6 };

export const makeMetricSources = (): MetricSources => {
  const pulls = {
    targets: 3,
    inFlight: 1,
    pulls: { ok: 100, timeout: 2 },
    busyTurns: 1,
    backingOffTurns: 4,
    skippedTurns: 0,
    broken: 0,
    lateness: histogram,
    durations: histogram,
  };
  return {
    version: '1.2.3',
    now: () => 100_000,
    pulls: { guest: () => pulls, host: () => pulls },
    readings: () => ({
      states: { up: 2, degraded: 0, stale: 1, down: 0, unknown: 0 },
      origins: { guest: 2, host: 0, none: 1 },
      readingsTotal: 300,
      eventsTotal: 7,
      eventsDroppedTotal: 0,
    }),
    writer: () => ({
      state: 'writing',
      rows: {
        written: 290,
        repeated: 1,
        dropped: { overflow: 2, tooOld: 0, inFuture: 0, refused: 0, unwrittenAtStop: 0 },
      },
      events: { written: 7, dropped: 0 },
      processes: { written: 20, dropped: 1 },
      batches: 90,
      failedAttempts: 1,
      bufferRows: 3,
      bufferCapacity: 1_000,
      lagMs: undefined,
      lastSuccessAt: 99_000,
    }),
    maintenance: () => ({
      tiers: new Map([['10s', 95_000]] as const),
      failures: 0,
      rolledRows: 30,
      partitionsCreated: 4,
      partitionsDropped: 1,
    }),
    push: () => ({
      connections: 2,
      bufferedBytes: 0,
      connected: 5,
      signInsRefused: 1,
      events: 9,
      unknownEvents: 1,
      refusedEvents: 0,
      failedEvents: 0,
      handshakesRefused: {
        stopping: 0,
        token_in_url: 0,
        host: 0,
        origin: 1,
        jsonp: 0,
        too_many: 0,
      },
      closed: {
        client: 3,
        ping_timeout: 0,
        transport_error: 0,
        session_ended: 0,
        stalled: 0,
        buffer_full: 0,
        no_acknowledgement: 0,
        too_many_events: 0,
        stopped: 0,
      },
      fleet: {
        watchers: 1,
        scopes: 1,
        framesBuilt: 50,
        framesSent: 99,
        framesDropped: 1,
        bytesSent: 10_000,
        membersSent: 2,
      },
      vm: { subscriptions: 1, readingsSent: 40, readingsReplaced: 2 },
    }),
    database: () => ({ isUp: true }),
    authFailures: () => ({ unknown_token: 3 }),
  };
};
