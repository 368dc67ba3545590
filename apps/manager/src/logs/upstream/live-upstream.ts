/**
 * The stream of one source of one agent, for as long as anybody wants it: opened, and opened again
 * where the last one broke off, for ever, ever more patiently.
 */
import type { LogSource } from '@innkeeper/protocol';
import { printable, pullFailure } from '../../pull/failure.ts';
import type { PullFailure } from '../../pull/pull-result.ts';
import { agentKeyOf, placeOf } from '../../vms/agent-place.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { HubState } from '../hub/log-hub.ts';
import { TAIL_LINES } from '../limits.ts';
import {
  makeLogConnection,
  type ConnectionDependencies,
  type ConnectionEvents,
  type LogConnection,
} from './log-connection.ts';
import { makePatience, type FailedBy } from './patience.ts';

export interface UpstreamEvents extends Omit<ConnectionEvents, 'over'> {
  /** A stream begins. `after`: with what comes after that line; undefined: with the last lines. */
  began(after: string | undefined): void;
  changed(state: HubState): void;
}

export interface UpstreamDependencies extends ConnectionDependencies {
  readonly random: () => number;
}

export interface LiveUpstream {
  state(): HubState;
  /** Asks at once, unless it is live or being asked. */
  retryNow(): void;
  /** The VM has changed: another address or identity is asked anew. */
  changed(vm: VmRecord): void;
  stop(): Promise<void>;
}

/** Once it has held for so long, a loss counts as the first one again. */
const STEADY_MS = 5_000;

const MAX_REASON = 240;

export const makeLiveUpstream = (
  dependencies: UpstreamDependencies & {
    readonly vm: VmRecord;
    readonly source: LogSource | undefined;
    /** Of the last line that came; undefined: none has. */
    readonly lastCursor: () => string | undefined;
    readonly events: UpstreamEvents;
  },
): LiveUpstream => {
  const { clock, limits, source, events, lastCursor } = dependencies;
  const patience = makePatience(limits, dependencies.random);
  let { vm } = dependencies;
  let connection: LogConnection | undefined;
  let closing: Promise<unknown> = Promise.resolve();
  let state: HubState = {
    state: 'connecting',
    since: clock.now(),
    retryAt: undefined,
    failure: undefined,
  };
  /** Which attempt counts; what comes of an earlier one is nobody's business. */
  let attempts = 0;
  let isAsking = false;
  let isStopped = false;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let liveSinceMs = 0;
  let retryTimer: NodeJS.Timeout | undefined;

  const setState = (next: Omit<HubState, 'since'>): void => {
    const isSame = next.state === state.state;
    state = { ...next, since: isSame ? state.since : clock.now() };
    events.changed(state);
  };

  const wait = (failedBy: FailedBy, failure: PullFailure): void => {
    const ms = patience.next(failedBy);
    retryTimer = setTimeout(attempt, ms);
    setState({ state: failedBy, retryAt: clock.now() + Math.ceil(ms), failure });
  };

  const lost = (failure: PullFailure): void => {
    if (state.state === 'live' && clock.monotonicMs() - liveSinceMs >= STEADY_MS) patience.reset();
    wait('reconnecting', failure);
  };

  const begin = (after: string | undefined): void => {
    isAsking = false;
    liveSinceMs = clock.monotonicMs();
    setState({ state: 'live', retryAt: undefined, failure: undefined });
    events.began(after);
  };

  const open = async (asked: LogConnection, after: string | undefined): Promise<void> => {
    attempts += 1;
    const own = attempts;
    isAsking = true;
    const answer = await asked.open({ source, follow: true, tail: TAIL_LINES }, after, () => {
      if (own === attempts) begin(after);
    });
    if (own !== attempts || answer.ok) return;
    isAsking = false;
    const { status, failure } = answer;
    // The place is of another source than this agent has now: what it has is better than nothing.
    if ((status === 404 || status === 422) && after !== undefined) await open(asked, undefined);
    else if (status === undefined) lost(failure);
    else wait('refused', failure);
  };

  const attempt = (): void => {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    const place = placeOf(vm);
    if (place === undefined) {
      const failure = pullFailure('no_guest_ip', vm.name, 'has no address yet');
      setState({ state: 'refused', retryAt: undefined, failure });
      return;
    }
    connection ??= makeLogConnection({
      ...dependencies,
      vm,
      place,
      events: { ...events, over: lost },
    });
    askedAtMs = clock.monotonicMs();
    if (state.retryAt !== undefined) setState({ ...state, retryAt: undefined });
    const own = attempts + 1;
    open(connection, lastCursor()).catch((error: unknown) => {
      // No token, for instance. It must not be the last attempt.
      if (own > attempts) return;
      isAsking = false;
      const what = `the manager could not ask: ${printable(String(error), MAX_REASON)}`;
      lost(pullFailure('unreachable', vm.name, what));
    });
  };

  const leave = (): void => {
    attempts += 1;
    isAsking = false;
    clearTimeout(retryTimer);
    const left = connection;
    connection = undefined;
    if (left !== undefined) closing = Promise.all([closing, left.close()]);
  };

  attempt();

  return {
    state: () => state,
    retryNow: () => {
      if (isStopped || isAsking || state.state === 'live' || placeOf(vm) === undefined) return;
      if (clock.monotonicMs() - askedAtMs >= limits.minRetryMs) attempt();
    },
    changed: (next) => {
      const isMoved = agentKeyOf(next) !== agentKeyOf(vm);
      vm = next;
      if (!isMoved || isStopped) return;
      leave();
      patience.reset();
      if (state.state === 'live') {
        const failure = pullFailure('unreachable', vm.name, 'its address has changed');
        setState({ state: 'reconnecting', retryAt: undefined, failure });
      }
      attempt();
    },
    stop: async () => {
      isStopped = true;
      leave();
      await closing;
    },
  };
};
