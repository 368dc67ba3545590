/**
 * The connections of one execution to its agent, one after the other: what comes over them goes into
 * the record and the database, no faster than the database takes it.
 */
import type { Clock } from '../clock.ts';
import { pullFailure } from '../pull/failure.ts';
import { placeOf } from '../vms/agent-place.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { AgentEvent } from './agent/exec-events.ts';
import {
  makeExecLink,
  type ExecAgent,
  type ExecAgents,
  type ExecLink,
  type LinkOutcome,
} from './agent/exec-link.ts';
import type { RunLimits } from './limits.ts';
import { isOver, type ExecutionRecord, type RunRecord } from './run-record.ts';
import type { RunWriter } from './run-writer.ts';
import { takeEvent, type Taken } from './take-event.ts';

export interface SessionCounters {
  /** Connections that were lost while a command ran, or was about to. */
  reconnects: number;
  /** Events of agents that were none. */
  bad: number;
}

export interface SessionTarget {
  readonly run: RunRecord;
  readonly record: ExecutionRecord;
  /** The body for the agent. */
  readonly body: Buffer;
  /** Stores it, with the record as it is now. */
  readonly store: (taken: Taken | undefined) => void;
  /** The record has changed in a way that people see. */
  readonly changed: () => void;
}

export interface ConnectionDependencies {
  readonly agents: ExecAgents;
  readonly writer: Pick<RunWriter, 'written' | 'isFull' | 'onRoom'>;
  readonly clock: Clock;
  readonly limits: RunLimits;
  readonly counters: SessionCounters;
  /** The command should have ended long ago. */
  readonly onOverdue: () => void;
}

export interface ExecutionConnection {
  /** Over a connection of its own, which is gone afterwards. */
  over(vm: VmRecord, ask: (link: ExecLink) => Promise<LinkOutcome>): Promise<LinkOutcome>;
  /** How far the agent's clock is ahead. */
  offsetSeconds(): number;
  heardMonotonicMs(): number;
  /** Events have come since the last question. */
  takeProgress(): boolean;
  /** A command that was told to stop has less time left. */
  hurry(): void;
  close(): Promise<void>;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const agentOf = (vm: VmRecord): ExecAgent | undefined => {
  const place = placeOf(vm);
  return place && { vmId: vm.id, place };
};

export const makeExecutionConnection = (
  dependencies: ConnectionDependencies,
  target: SessionTarget,
): ExecutionConnection => {
  const { agents, writer, clock, limits, counters, onOverdue } = dependencies;
  const { run, record, store, changed } = target;
  const maxOutputBytes = run.request.max_output_bytes ?? limits.defaultOutputBytes;
  const timeoutSeconds = run.request.timeout_seconds ?? limits.defaultTimeoutSeconds;
  let link: ExecLink | undefined;
  let clockOffsetMs = 0;
  let offsetSeconds = 0;
  let heardMs = clock.monotonicMs();
  let hasProgressed = false;
  let isPaused = false;
  let overdueTimer: NodeJS.Timeout | undefined;

  const onEvent = (event: AgentEvent): void => {
    if (isOver(record)) return;
    const before = record.state;
    const { isNew, taken } = takeEvent(record, event, { clockOffsetMs, maxOutputBytes });
    if (!isNew) return;
    hasProgressed = true;
    if (record.state === before) store(taken);
    else changed();
  };

  const setOverdue = (): void => {
    const ms =
      limits.overdueMs + (record.stopRequestedAt === undefined ? timeoutSeconds * 1000 : 0);
    clearTimeout(overdueTimer);
    overdueTimer = setTimeout(onOverdue, Math.min(ms, LONGEST_TIMER_MS));
  };

  const opened = (offsetMs: number): void => {
    clockOffsetMs = offsetMs;
    setOverdue();
    if (isOver(record)) return;
    const isNews = record.state !== 'running' || record.problem !== undefined;
    // The agent has it, whether or not the event that says so is still kept.
    record.state = 'running';
    record.startedAt ??= clock.now();
    record.problem = undefined;
    if (isNews) changed();
  };

  const chunk = (): void => {
    heardMs = clock.monotonicMs();
    if (isPaused || !writer.isFull()) return;
    isPaused = true;
    link?.pause();
  };

  const stopListening = writer.onRoom(() => {
    if (!isPaused) return;
    isPaused = false;
    link?.resume();
  });

  return {
    over: async (vm, ask) => {
      const agent = agentOf(vm);
      if (agent === undefined) {
        const { kind: code, message } = pullFailure('no_guest_ip', vm.name, 'has no address yet');
        return { kind: 'failed', neverSent: true, problem: { code, message } };
      }
      isPaused = false;
      const bad = (): void => {
        counters.bad += 1;
      };
      const own = makeExecLink(agents, agent, { opened, event: onEvent, bad, chunk });
      link = own;
      try {
        const outcome = await ask(own);
        offsetSeconds = own.clockOffsetSeconds() ?? offsetSeconds;
        // One that takes no token, for another manager's agent has its address, is not heard of.
        const isIts = outcome.kind === 'closed' || outcome.kind === 'busy';
        if (isIts) heardMs = clock.monotonicMs();
        return outcome;
      } finally {
        link = undefined;
        clearTimeout(overdueTimer);
        await own.close();
      }
    },
    offsetSeconds: () => offsetSeconds,
    heardMonotonicMs: () => heardMs,
    takeProgress: () => {
      const had = hasProgressed;
      hasProgressed = false;
      return had;
    },
    hurry: () => {
      if (link !== undefined) setOverdue();
    },
    close: async () => {
      stopListening();
      clearTimeout(overdueTimer);
      await link?.close();
    },
  };
};
