/**
 * What clients send. Every event is acknowledged, also where the client did not ask for it, what
 * nobody knows is counted and refused, and nothing that a client sends can throw.
 */
import type { Acknowledgement } from '@innkeeper/protocol';
import type { Log } from '../log.ts';
import type { Connection } from './connection.ts';
import { errorFields } from './error-fields.ts';
import { makeEventRate } from './event-rate.ts';
import { refused, type ClientEvent, type Outcome } from './feature.ts';
import type { PushLimits } from './limits.ts';
import type { PushCounters } from './push-stats.ts';

export interface ClientEventsDependencies {
  readonly events: ReadonlyMap<string, ClientEvent>;
  readonly limits: PushLimits;
  readonly monotonicMs: () => number;
  readonly log: Log;
  readonly counters: Pick<
    PushCounters,
    'events' | 'unknownEvents' | 'refusedEvents' | 'failedEvents'
  >;
}

/** The function is socket.io's own: it sends, and throws nothing. */
const answer = (acknowledge: CallableFunction, value: Acknowledgement): void => {
  Reflect.apply(acknowledge, undefined, [value]);
};

/** Takes the events of one connection from now on. */
export const listenToClient = (
  connection: Connection,
  { events, limits, monotonicMs, log, counters }: ClientEventsDependencies,
): void => {
  const rate = makeEventRate(limits.eventBurst, limits.eventsPerSecond);
  let tooMany = 0;

  const failed = (name: unknown, error: unknown): Outcome => {
    counters.failedEvents += 1;
    log.error('an event of a client failed', { event: name, ...errorFields(error) });
    return refused('internal', 'the manager failed at this event');
  };

  const handle = (name: unknown, payload: unknown): Outcome | Promise<Outcome> => {
    counters.events += 1;
    if (!rate.take(monotonicMs())) {
      counters.refusedEvents += 1;
      tooMany += 1;
      if (tooMany > limits.maxRefusedEvents) connection.close('too_many_events');
      const accepted = `accepted are ${limits.eventsPerSecond} events a second`;
      return refused('too_many_events', `too many events: ${accepted}`);
    }
    const event = typeof name === 'string' ? events.get(name) : undefined;
    if (event === undefined) {
      counters.unknownEvents += 1;
      return refused('unknown_event', `accepted events are ${[...events.keys()].join(', ')}`);
    }
    try {
      return event(connection, payload);
    } catch (error) {
      return failed(name, error);
    }
  };

  connection.socket.onAny((name: unknown, ...rest: readonly unknown[]) => {
    if (!connection.isOpen()) return;
    const last = rest.at(-1);
    const isCallback = typeof last === 'function';
    const payload = rest.length === 1 && isCallback ? undefined : rest[0];
    const finish = ({ acknowledgement, afterwards }: Outcome): void => {
      if (isCallback) answer(last, acknowledgement);
      if (!connection.isOpen()) return;
      try {
        afterwards?.();
      } catch (error) {
        failed(name, error);
      }
    };
    const outcome = handle(name, payload);
    if (!(outcome instanceof Promise)) finish(outcome);
    else {
      outcome.then(
        (known) => connection.isOpen() && finish(known),
        (error: unknown) => finish(failed(name, error)),
      );
    }
  });
};
