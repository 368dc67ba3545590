/** Whom to join next, so that thousands of agents are not asked at once, and who has to wait. */
import type { LogHub } from '../hub/log-hub.ts';
import { placeOf } from '../../vms/agent-place.ts';
import type { Recording } from './recording.ts';

export interface Queued {
  readonly recording: Pick<Recording, 'vm' | 'state' | 'join' | 'leave'>;
  /** When to join it, by the monotonic clock; undefined: it is joined. */
  joinAtMs: number | undefined;
}

/** Each brings up to 1,000 lines of the past with it the first time: a quarter of a core a second. */
export const JOINS_PER_TICK = 5;
const MAX_CONNECTING = 40;
/** An agent that is not enrolled asks the manager, and is then joined at once. */
const REFUSED_MS = 10 * 60_000;

export const joinSome = (
  queue: Iterable<Queued>,
  {
    nowMs,
    hub,
    most,
  }: {
    readonly nowMs: number;
    readonly hub: Pick<LogHub, 'hasRoom'>;
    readonly most: number;
  },
): void => {
  const due: Queued[] = [];
  let connecting = 0;
  for (const queued of queue) {
    const { recording, joinAtMs } = queued;
    if (recording.state === 'connecting') connecting += 1;
    if (joinAtMs === undefined || joinAtMs > nowMs || due.length === most) continue;
    // Without an address it waits until it has one.
    if (placeOf(recording.vm) !== undefined) due.push(queued);
  }
  for (const queued of due.slice(0, Math.max(0, MAX_CONNECTING - connecting))) {
    if (!hub.hasRoom(queued.recording.vm.id, undefined)) return;
    queued.joinAtMs = undefined;
    queued.recording.join();
  }
};

export const leaveRefused = (
  queue: Iterable<Queued>,
  { nowMs, random }: { readonly nowMs: number; readonly random: () => number },
): void => {
  for (const queued of queue) {
    if (queued.recording.state !== 'refused') continue;
    queued.recording.leave();
    queued.joinAtMs = nowMs + REFUSED_MS * (0.75 + random() / 2);
  }
};
