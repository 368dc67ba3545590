/**
 * Pulls targets again and again, each at its own place in the interval and never twice at one time,
 * however the others fare. It knows nothing of agents: whoever makes it says how to pull.
 */
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { backoffMs } from './backoff.ts';
import { slotOf, slotsOf } from './phase.ts';
import type { PullResult, Turn } from './pull-result.ts';
import { makePullCounters, type PullStats } from './pull-stats.ts';
import { makeSchedule, type Tick } from './schedule.ts';
import { makeTurnOrder } from './turn-order.ts';

export interface PullLoopOptions<Target extends { readonly id: string }, Value> {
  readonly intervalMs: number;
  /** At most the interval. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Ends by the deadline, which is by the monotonic clock. */
  readonly pull: (target: Target, deadlineMs: number) => Promise<PullResult<Value>>;
  /** Ends a pull of it that is under way, and keeps nothing of it. */
  readonly forget: (id: string) => void;
  /** Where it is asked: when this changes, what is known of its failures does not count any more. */
  readonly placeOf: (target: Target) => string;
  /** Whoever begins to look at it has it asked at its next turn, however often it has failed. */
  readonly isWatched: (target: Target) => boolean;
  readonly onTurn: (target: Target, turn: Turn<Value>) => void;
}

export interface PullLoop<Target> {
  /** Adds a target, or says what has changed of it. After the start, it is pulled within a second. */
  set(target: Target): void;
  /** Ends the pull under way, of which nothing is told any more. */
  remove(id: string): void;
  /** It was heard of: it is asked at its next turn, however often it has failed. */
  wake(id: string): void;
  start(): void;
  stats(): PullStats;
  /** Settles when no pull is under way. */
  stop(): Promise<void>;
}

interface State<Target> {
  target: Target;
  readonly place: string;
  readonly slot: number;
  isPulling: boolean;
  failures: number;
  /** Left alone until then, by the monotonic clock. */
  restsUntilMs: number;
  wasWatched: boolean;
}

/** The timer may be a fraction early, and a rest must not last a whole interval longer for it. */
const REST_TOLERANCE_MS = 5;

type Rest = Pick<State<unknown>, 'restsUntilMs' | 'wasWatched'>;

/** Whether it counts: without an address nothing is asked, so there is nothing to save. */
const noteFailure = (state: { failures: number }, result: PullResult<unknown>): boolean => {
  const isFailure = !result.ok && result.failure.kind !== 'no_guest_ip';
  state.failures = isFailure ? state.failures + 1 : 0;
  return isFailure;
};

const noteWatched = (state: Rest, isWatched: boolean): void => {
  if (isWatched && !state.wasWatched) state.restsUntilMs = 0;
  state.wasWatched = isWatched;
};

/** Until the turn at which it is asked again. */
const restMsOf = ({ restsUntilMs }: Rest, nowMs: number, intervalMs: number): number =>
  Math.ceil((restsUntilMs - nowMs) / intervalMs) * intervalMs;

const newState = <Target>(target: Target, place: string, slot: number): State<Target> => ({
  target,
  place,
  slot,
  isPulling: false,
  failures: 0,
  restsUntilMs: 0,
  wasWatched: false,
});

export const makePullLoop = <Target extends { readonly id: string }, Value>(
  options: PullLoopOptions<Target, Value>,
): PullLoop<Target> => {
  const { intervalMs, clock, random, log, pull, forget, placeOf, isWatched, onTurn } = options;
  const timeoutMs = Math.min(options.timeoutMs, intervalMs);
  const counters = makePullCounters();
  const states = new Map<string, State<Target>>();
  const slots = slotsOf(intervalMs);
  const order = makeTurnOrder<State<Target>>(slots);
  let isStarted = false;
  let isStopped = false;
  let onIdle: (() => void) | undefined;

  const tell = (state: State<Target>, turn: Turn<Value>): void => {
    try {
      onTurn(state.target, turn);
    } catch (error) {
      counters.broken += 1;
      log.error('the result of a pull could not be used', { id: state.target.id, err: error });
    }
  };

  const rest = (state: State<Target>): void => {
    const restMs = backoffMs(state.failures, intervalMs, random());
    if (restMs > 0) state.restsUntilMs = clock.monotonicMs() + restMs - REST_TOLERANCE_MS;
  };

  /** A bug. It may hang on what this one target sends, so the others go on. */
  const broken = (id: string, startedMs: number, error: unknown): PullResult<Value> => {
    counters.broken += 1;
    log.error('a pull broke', { id, err: error });
    const failure = { kind: 'malformed', message: 'the manager failed at this answer' } as const;
    return { ok: false, failure, seconds: (clock.monotonicMs() - startedMs) / 1000 };
  };

  const begin = async (state: State<Target>): Promise<void> => {
    state.isPulling = true;
    counters.inFlight += 1;
    const startedMs = clock.monotonicMs();
    let result: PullResult<Value>;
    try {
      result = await pull(state.target, startedMs + timeoutMs);
    } catch (error) {
      result = broken(state.target.id, startedMs, error);
    }
    state.isPulling = false;
    counters.inFlight -= 1;
    if (counters.inFlight === 0) onIdle?.();
    // Removed or moved meanwhile: this is not about the target as it is now.
    if (isStopped || states.get(state.target.id) !== state) return;
    counters.ended(result);
    if (noteFailure(state, result)) rest(state);
    tell(state, { kind: 'pulled', result });
  };

  const takeTurn = (state: State<Target>, { dueMs, nowMs }: Tick): void => {
    noteWatched(state, isWatched(state.target));
    if (state.isPulling) {
      counters.busyTurns += 1;
      tell(state, { kind: 'busy' });
    } else if (state.restsUntilMs > nowMs) {
      counters.backingOffTurns += 1;
      tell(state, { kind: 'backing_off', restMs: restMsOf(state, nowMs, intervalMs) });
    } else {
      counters.began(nowMs - dueMs);
      void begin(state);
    }
  };

  const schedule = makeSchedule({
    intervalMs,
    monotonicMs: () => clock.monotonicMs(),
    onTick: (tick) => {
      counters.tickedMonotonicMs = tick.nowMs;
      order.forDue(tick.number, (state) => takeTurn(state, tick));
    },
    onSkipped: (first, count) => {
      counters.skippedTurns += order.countTurns(first, count);
    },
  });

  const drop = (state: State<Target>): void => {
    states.delete(state.target.id);
    order.delete(state);
    forget(state.target.id);
  };

  const add = (target: Target, place: string): void => {
    const state = newState(target, place, slotOf(target.id, slots.count));
    states.set(target.id, state);
    order.add(state, isStarted ? schedule.next() : undefined);
  };

  return {
    set: (target) => {
      const known = states.get(target.id);
      const place = placeOf(target);
      if (known?.place === place) {
        known.target = target;
        return;
      }
      if (known !== undefined) drop(known);
      if (!isStopped) add(target, place);
    },
    remove: (id) => {
      const state = states.get(id);
      if (state !== undefined) drop(state);
    },
    wake: (id) => {
      const state = states.get(id);
      if (state !== undefined) state.restsUntilMs = 0;
    },
    start: () => {
      isStarted = true;
      schedule.start();
    },
    stats: () => counters.read(states.size),
    stop: async () => {
      isStopped = true;
      schedule.stop();
      for (const state of states.values()) drop(state);
      if (counters.inFlight === 0) return undefined;
      return new Promise((settle) => {
        onIdle = settle;
      });
    },
  };
};
