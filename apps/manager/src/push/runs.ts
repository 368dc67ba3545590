/**
 * What happens in single runs. Who may see what is asked for each event, so that a right that has
 * gone is gone at once.
 */
import { runSubscriptionSchema, runUnsubscriptionSchema, type RunEvent } from '@innkeeper/protocol';
import type { Actor } from '../auth/actor.ts';
import type { Log } from '../log.ts';
import type { StoredEvent } from '../runs/run-record.ts';
import type { SeenRun } from '../runs/run-questions.ts';
import type { RunSource } from '../runs/run-source.ts';
import type { Connection } from './connection.ts';
import { errorFields } from './error-fields.ts';
import { clientEvent, done, refused, type Feature, type Outcome } from './feature.ts';
import type { PushLimits } from './limits.ts';
import { toRunEvent } from './run-event.ts';
import { makeRunFeed, type RunFeed, type RunFeedCounters } from './run-feed.ts';

export interface RunPushStats extends Readonly<RunFeedCounters> {
  readonly subscriptions: number;
}

interface Subscription {
  readonly runKey: number;
  readonly feed: RunFeed;
}

/** Asked anew for each event: labels and scopes change. */
const presenterFor = (
  source: Pick<RunSource, 'may'>,
  actor: Actor,
  executions: SeenRun['executions'],
): ((event: StoredEvent) => RunEvent | undefined) => {
  const byKey = new Map(executions.map(({ key, id, vmId }) => [key, { id, vmId }]));
  return (event) => {
    const known = byKey.get(event.executionKey ?? 0);
    return toRunEvent(
      event,
      known && {
        id: known.id,
        mayRead: source.may(actor, 'run.read', known.vmId),
        mayReadOutput: source.may(actor, 'run.output', known.vmId),
      },
    );
  };
};

export const makeRunPush = ({
  source,
  limits,
  monotonicMs,
  log,
}: {
  readonly source: RunSource;
  readonly limits: PushLimits;
  readonly monotonicMs: () => number;
  readonly log: Log;
}): Feature & { stats(): RunPushStats } => {
  const counters: RunFeedCounters = { batchesSent: 0, eventsSent: 0, eventsSkipped: 0 };
  /** By run. */
  const connections = new Map<Connection, Map<string, Subscription>>();
  let subscriptions = 0;

  const unsubscribe = (connection: Connection, runId: string): void => {
    const own = connections.get(connection);
    const subscription = own?.get(runId);
    if (own === undefined || subscription === undefined) return;
    own.delete(runId);
    if (own.size === 0) connections.delete(connection);
    subscriptions -= 1;
    subscription.feed.stop();
  };

  const makeFeed = (connection: Connection, { run, executions }: SeenRun): RunFeed =>
    makeRunFeed({
      runId: run.id,
      runKey: run.key,
      source,
      present: presenterFor(source, connection.actor, executions),
      send: (events, received) => void connection.socket.emit('run:events', events, received),
      onError: (error) => log.warn('events of a run cannot be read', errorFields(error)),
      limits,
      counters,
      monotonicMs,
    });

  const begin = (connection: Connection, seen: SeenRun, after: number, newest: number): void => {
    const { id, key } = seen.run;
    const own = connections.get(connection) ?? new Map<string, Subscription>();
    connections.set(connection, own);
    const known = own.get(id);
    const feed = known?.feed ?? makeFeed(connection, seen);
    if (known === undefined) {
      own.set(id, { runKey: key, feed });
      subscriptions += 1;
    }
    feed.start(after);
    feed.written(newest);
  };

  const subscribe = async (
    connection: Connection,
    runId: string,
    after: number,
  ): Promise<Outcome> => {
    const found = await source.find(connection.actor, runId);
    if (!found.ok) return refused(found.problem.code, found.problem.message);
    const { run } = found.value;
    const { last } = await source.tail(run.key, { events: 1, bytes: Number.MAX_SAFE_INTEGER });
    const own = connections.get(connection);
    if (own?.has(runId) !== true) {
      if ((own?.size ?? 0) >= limits.maxRunSubscriptions) {
        const accepted = `at most ${limits.maxRunSubscriptions} runs for each connection`;
        return refused('too_many_subscriptions', accepted);
      }
      if (subscriptions >= limits.maxAllRunSubscriptions) {
        return refused('busy', 'too many runs are watched: try again later');
      }
    }
    return { ...done, afterwards: () => begin(connection, found.value, after, last) };
  };

  const stopListening = source.onWritten((events) => {
    if (connections.size === 0) return;
    const newest = new Map(events.map(({ runKey, seq }) => [runKey, seq]));
    for (const own of connections.values()) {
      for (const { runKey, feed } of own.values()) {
        const seq = newest.get(runKey);
        if (seq !== undefined) feed.written(seq);
      }
    }
  });

  return {
    events: new Map([
      [
        'run:subscribe',
        clientEvent(runSubscriptionSchema, async (connection, { run_id: runId, after = 0 }) =>
          subscribe(connection, runId, after),
        ),
      ],
      [
        'run:unsubscribe',
        clientEvent(runUnsubscriptionSchema, (connection, { run_id: runId }) => {
          unsubscribe(connection, runId);
          return done;
        }),
      ],
    ]),
    closed(connection) {
      for (const runId of connections.get(connection)?.keys() ?? []) unsubscribe(connection, runId);
    },
    owesSince(connection, since) {
      for (const { feed } of connections.get(connection)?.values() ?? []) {
        const sentAt = feed.owesSince();
        if (sentAt !== undefined && sentAt <= since) return true;
      }
      return false;
    },
    stop() {
      stopListening();
      for (const [connection, own] of connections) {
        for (const runId of own.keys()) unsubscribe(connection, runId);
      }
    },
    stats: () => ({ ...counters, subscriptions }),
  };
};
