/**
 * A connection to one agent for its logs: asks for a stream, with a token for it, and tells what comes
 * in it, event by event.
 */
import type { LogDropped, LogEnd, LogEvent } from '@innkeeper/protocol';
import type { Clock } from '../../clock.ts';
import type { MintToken } from '../../keys/token-minter.ts';
import { makeBearer } from '../../pull/bearer.ts';
import type { ConnectGate } from '../../pull/connect-gate.ts';
import { pullFailure } from '../../pull/failure.ts';
import type { PullFailure } from '../../pull/pull-result.ts';
import { refusalIn } from '../../pull/refusal.ts';
import type { AgentPlace } from '../../vms/agent-place.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { LogLimits } from '../limits.ts';
import { makeIntake } from './intake.ts';
import { makeLogEventReader } from './log-events.ts';
import { logTarget, type LogQuestion } from './log-target.ts';
import type { SseParser } from './sse-parser.ts';
import { makeStreamClient } from './stream-client.ts';

export interface ConnectionDependencies {
  readonly mintToken: MintToken;
  readonly gate: ConnectGate;
  readonly clock: Clock;
  /** What this process has used of the processors: it tells the manager's own work from waiting for a turn. */
  readonly cpuMs: () => number;
  readonly limits: LogLimits;
}

export interface ConnectionEvents {
  /** With the JSON text that it was made of. */
  line(event: LogEvent, text: string): void;
  dropped(dropped: LogDropped): void;
  /** Something that is no event, or one that is too long: a line may be missing. */
  bad(): void;
  /** All of what came at one time has been told. */
  chunk(): void;
  /** Once for each stream; `end`: the agent has said so itself. */
  over(failure: PullFailure, end: LogEnd | undefined): void;
}

export type StreamAsked =
  /** It has begun. */
  | { readonly ok: true }
  /** `status`: what the agent has refused it with; undefined: it did not answer. */
  | { readonly ok: false; readonly failure: PullFailure; readonly status: number | undefined };

export interface LogConnection {
  /** As people write it. */
  readonly where: string;
  /** `onBegin` is called before the first event comes; what there was of another stream is over. */
  open(
    question: LogQuestion,
    lastEventId: string | undefined,
    onBegin: () => void,
  ): Promise<StreamAsked>;
  pause(): void;
  resume(): void;
  /** As of the stream's client. */
  doubt(isDoubted: boolean): void;
  /** Nothing more is told of the stream. Settles when no socket is left. */
  close(): Promise<void>;
}

const ENDS: Readonly<Record<LogEnd['reason'], string>> = {
  complete: 'the agent has ended the stream',
  stopping: 'the agent is stopping',
  failed: 'the agent cannot read its logs any more',
};

export const makeLogConnection = (
  dependencies: ConnectionDependencies & {
    readonly vm: VmRecord;
    readonly place: AgentPlace;
    readonly events: ConnectionEvents;
  },
): LogConnection => {
  const { vm, place, gate, clock, cpuMs, mintToken, limits, events } = dependencies;
  const bearer = makeBearer({ mintToken, audience: vm.id, scope: 'logs' });
  let reader: SseParser | undefined;
  /** By whom the stream is held; both have to let it go. */
  const holders = new Set<'reader' | 'intake'>();

  const hold = (by: 'reader' | 'intake'): void => {
    holders.add(by);
    client.pause();
  };

  const release = (by: 'reader' | 'intake'): void => {
    if (holders.delete(by) && holders.size === 0) client.resume();
  };

  const over = (failure: PullFailure, end: LogEnd | undefined): void => {
    reader = undefined;
    intake.reset();
    events.over(failure, end);
  };

  const client = makeStreamClient({
    place,
    gate,
    clock,
    silenceMs: limits.silenceMs,
    doubtMs: limits.doubtMs,
    sink: {
      data: (chunk) => {
        const fromMs = cpuMs();
        reader?.push(chunk);
        const busyMs = cpuMs() - fromMs;
        events.chunk();
        if (reader !== undefined) intake.took(chunk.length, busyMs);
      },
      ended: (failure) => {
        const cut = 'the stream was cut off';
        over(failure ?? pullFailure('unreachable', client.where, cut), undefined);
      },
    },
  });

  const intake = makeIntake({
    bytesPerSecond: limits.bytesPerSecond,
    timeShare: limits.timeShare,
    monotonicMs: () => clock.monotonicMs(),
    pause: () => hold('intake'),
    resume: () => release('intake'),
  });

  const makeReader = (): SseParser => {
    const own = makeLogEventReader(
      {
        ...events,
        end: (end) => {
          // What comes behind it counts for nothing.
          if (reader !== own) return;
          client.abort();
          const { reason, message = '' } = end;
          const what = message === '' ? ENDS[reason] : `${ENDS[reason]}: ${message}`;
          over(pullFailure('unreachable', client.where, what), end);
        },
      },
      limits.maxEventBytes,
    );
    return own;
  };

  return {
    where: client.where,
    open: async (question, lastEventId, onBegin) => {
      reader = undefined;
      intake.reset();
      holders.clear();
      const answer = await bearer.exchange(
        {
          exchange: async (request, deadlineMs) =>
            client.exchange(request, deadlineMs, () => {
              reader = makeReader();
              onBegin();
            }),
        },
        { method: 'GET', target: logTarget(question), lastEventId },
        clock.monotonicMs() + limits.openMs,
      );
      if (!answer.ok) return { ok: false, failure: answer.failure, status: undefined };
      const failure = refusalIn(answer, client.where);
      return failure === undefined ? { ok: true } : { ok: false, failure, status: answer.status };
    },
    pause: () => hold('reader'),
    resume: () => release('reader'),
    doubt: (isDoubted) => client.doubt(isDoubted),
    close: async () => {
      reader = undefined;
      intake.reset();
      await client.close();
    },
  };
};
