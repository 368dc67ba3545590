/**
 * What the host says of a VM: it runs, it is gone, or nothing. An answer is believed for a moment
 * when the next one does not come, and a VM is gone only after two answers without it.
 */
import type { HostObservation } from '../hosts/host-observation.ts';
import { longestMs } from '../rate/elapsed.ts';

export interface HostSignal {
  readonly word: 'alive' | 'gone' | 'nothing';
  /** Answers in a row in which the VM was gone. */
  readonly goneAnswers: number;
  /** Of the newest answer, by the manager's clock: tells two answers from one looked at twice. */
  readonly answeredAt: number | undefined;
  /** When the newest answer was looked at first, by the clock that never jumps. */
  readonly heardMs: number | undefined;
}

export const NO_HOST_SIGNAL: HostSignal = {
  word: 'nothing',
  goneAnswers: 0,
  answeredAt: undefined,
  heardMs: undefined,
};

const GONE_ANSWERS = 2;

/** Two and a half intervals: one lost answer and some jitter never change anything. */
export const holdMs = (intervalMs: number): number => Math.max(2.5 * intervalMs, 2500);

/** A zombie has ended; and a loop that stands still goes on showing what it saw last. */
export const trusted = (
  observation: HostObservation,
  nowMs: number,
  intervalMs: number,
): HostObservation => {
  if (observation.kind !== 'seen') return observation;
  const { hostId, takenAt, takenMonotonicMs, vmm } = observation;
  if (nowMs - takenMonotonicMs > longestMs(intervalMs)) {
    const message = 'the host has not been asked for a while';
    return { kind: 'unreachable', hostId, failure: { kind: 'timeout', message } };
  }
  return vmm.state === 'zombie'
    ? { kind: 'no_vmm', hostId, takenAt, seenBefore: true, message: undefined }
    : observation;
};

const heldOrNothing = (signal: HostSignal, nowMs: number, intervalMs: number): HostSignal =>
  signal.heardMs !== undefined && nowMs - signal.heardMs <= holdMs(intervalMs)
    ? signal
    : NO_HOST_SIGNAL;

/** The observation is a trusted one. */
export const nextHostSignal = (
  before: HostSignal,
  observation: HostObservation,
  nowMs: number,
  intervalMs: number,
): HostSignal => {
  const gone = (answeredAt: number): HostSignal => {
    if (answeredAt === before.answeredAt && before.goneAnswers > 0) return before;
    const goneAnswers = Math.min(before.goneAnswers + 1, GONE_ANSWERS);
    const word = goneAnswers >= GONE_ANSWERS ? 'gone' : before.word;
    return { word, goneAnswers, answeredAt, heardMs: nowMs };
  };
  switch (observation.kind) {
    case 'seen':
      return {
        word: 'alive',
        goneAnswers: 0,
        answeredAt: observation.takenAt,
        heardMs: observation.takenMonotonicMs,
      };
    case 'no_vmm':
      return observation.seenBefore ? gone(observation.takenAt) : NO_HOST_SIGNAL;
    case 'unreachable':
      return heldOrNothing(before, nowMs, intervalMs);
    case 'no_host':
    case 'pending':
    case 'ambiguous':
      return NO_HOST_SIGNAL;
    default: {
      const never: never = observation;
      return never;
    }
  }
};
