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
  type StreamAsked,
} from './log-connection.ts';
import { makePace } from './pace.ts';
import { makePatience, type FailedBy } from './patience.ts';

export interface UpstreamEvents extends Omit<ConnectionEvents, 'over'> {
  /**
   * A stream begins. `after`: with what comes after that line; undefined: with the last lines.
   * `isSame`: it takes the place of one that was alive, at another pace.
   */
  began(after: string | undefined, isSame: boolean): void;
  changed(state: HubState): void;
}

export interface UpstreamDependencies extends ConnectionDependencies {
  readonly random: () => number;
}

export interface LiveUpstream {
  state(): HubState;
  /** How late the agent may see a line; undefined: as soon as it can. */
  setPace(paceMs: number | undefined): void;
  /** Asks at once, unless it is live or being asked. */
  retryNow(): void;
  /** The agent does not answer pulls: it may be gone without a word. */
  doubt(isDoubted: boolean): void;
  /** Ends the stream that there is, and asks for another one behind `lastCursor`. */
  startOver(): void;
  /** The VM has changed: another address or identity is asked anew. */
  changed(vm: VmRecord): void;
  stop(): Promise<void>;
}

/** Once it has held for so long, a loss counts as the first one again. */
const STEADY_MS = 5_000;

const MAX_REASON = 240;

export interface LiveUpstreamDependencies extends UpstreamDependencies {
  readonly vm: VmRecord;
  readonly source: LogSource | undefined;
  /** As `setPace` has it. */
  readonly paceMs: number | undefined;
  /** Of the last line that came; undefined: none has. */
  readonly lastCursor: () => string | undefined;
  readonly events: UpstreamEvents;
}

const connecting = (since: number): HubState => ({
  state: 'connecting',
  since,
  retryAt: undefined,
  failure: undefined,
});

const noAddress = (vm: VmRecord): PullFailure =>
  pullFailure('no_guest_ip', vm.name, 'has no address yet');

const moved = (vm: VmRecord): PullFailure =>
  pullFailure('unreachable', vm.name, 'its address has changed');

const couldNotAsk = (vm: VmRecord, error: unknown): StreamAsked => {
  const what = `the manager could not ask: ${printable(String(error), MAX_REASON)}`;
  return { ok: false, status: undefined, failure: pullFailure('unreachable', vm.name, what) };
};

const isPlaceRefused = ({ status }: { readonly status: number | undefined }): boolean =>
  status === 404 || status === 422;

export const makeLiveUpstream = (dependencies: LiveUpstreamDependencies): LiveUpstream => {
  const { clock, limits, source, events, lastCursor } = dependencies;
  const patience = makePatience(limits, dependencies.random);
  const pace = makePace(dependencies.paceMs);
  let { vm } = dependencies;
  let connection: LogConnection | undefined;
  let closing: Promise<unknown> = Promise.resolve();
  let state = connecting(clock.now());
  /** Which attempt counts; what comes of an earlier one is nobody's business. */
  let attempts = 0;
  let isAsking = false;
  let isStopped = false;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let liveSinceMs = 0;
  let retryTimer: NodeJS.Timeout | undefined;

  const setState = (next: Omit<HubState, 'since'>): void => {
    state = { ...next, since: next.state === state.state ? state.since : clock.now() };
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
    const isSame = state.state === 'live';
    if (!isSame) {
      liveSinceMs = clock.monotonicMs();
      setState({ state: 'live', retryAt: undefined, failure: undefined });
    }
    events.began(after, isSame);
  };

  const open = async (asked: LogConnection, after: string | undefined): Promise<void> => {
    attempts += 1;
    const own = attempts;
    isAsking = true;
    const question = { source, follow: true, tail: TAIL_LINES, pace: pace.ask() };
    const onBegin = (): void => (own === attempts ? begin(after) : undefined);
    // A failure of the manager's own counts as any other: it must not be the last attempt.
    const answer = await asked
      .open(question, after, onBegin)
      .catch((error: unknown): StreamAsked => couldNotAsk(vm, error));
    if (own !== attempts) return;
    isAsking = false;
    if (answer.ok) return keepPace();
    if (pace.isRefused(answer)) await open(asked, after);
    // The place is of another source than this agent has now: what it has is better than nothing.
    else if (isPlaceRefused(answer) && after !== undefined) await open(asked, undefined);
    // Of one that was alive until now no refusal is for long: the agent may still count the stream.
    else if (answer.status === undefined || state.state === 'live') lost(answer.failure);
    else wait('refused', answer.failure);
  };

  /** A stream with another pace is opened behind the last line of this one, which ends first. */
  const keepPace = (): void => {
    if (connection === undefined || isAsking || state.state !== 'live') return;
    if (pace.isOther()) void open(connection, lastCursor());
  };

  const attempt = (): void => {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    const place = placeOf(vm);
    if (place === undefined) {
      setState({ state: 'refused', retryAt: undefined, failure: noAddress(vm) });
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
    void open(connection, lastCursor());
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
    setPace: (paceMs) => {
      pace.want(paceMs);
      keepPace();
    },
    retryNow: () => {
      if (isStopped || isAsking || state.state === 'live' || placeOf(vm) === undefined) return;
      if (clock.monotonicMs() - askedAtMs >= limits.minRetryMs) attempt();
    },
    doubt: (isDoubted) => connection?.doubt(isDoubted),
    startOver: () => {
      leave();
      setState(connecting(clock.now()));
      attempt();
    },
    changed: (next) => {
      const isMoved = agentKeyOf(next) !== agentKeyOf(vm);
      vm = next;
      if (!isMoved || isStopped) return;
      leave();
      patience.reset();
      pace.reset();
      if (state.state === 'live') {
        setState({ state: 'reconnecting', retryAt: undefined, failure: moved(vm) });
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
