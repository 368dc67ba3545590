/**
 * How much time went by between two readings of the same counters. The counters were read by the
 * one who counts, so his clock divides; the manager's own clock only tells whether to believe it.
 */
import type { SeenVmm } from './seen-vmm.ts';
import type { Timed } from './timed.ts';

export type ElapsedProblem = 'rebooted' | 'clock_jump' | 'gap';

/** Seconds, or why nobody can say; `too_soon`: keep what the reading before has given. */
export type Elapsed = number | ElapsedProblem | 'too_soon';

/** CPU times count in ticks of 10 ms: over less than five of them a rate is mostly rounding. */
const SHORTEST_MS = 50;

/** /proc/uptime shows hundredths of a second, and clocks of guests drift by some hundred ppm. */
const SLACK_MS = 100;
const SLACK_SHARE = 0.01;

/** Of a host it is not known how long its answer took, so more than usual jitter is allowed. */
const HOST_SLACK_MS = 500;

/** Less than that is a clock that was corrected, not a machine that started anew. */
const REBOOT_SECONDS = 1;

/**
 * A rate over a long silence would be a smear: a flat line where nobody knows what happened. Five
 * intervals bridge a few lost answers; 15 s keep short intervals from losing a value to every
 * pause of a busy manager.
 */
export const longestMs = (intervalMs: number): number => Math.max(5 * intervalMs, 15_000);

/** What tells one boot from the next; a Sample has it. */
export interface Boot {
  readonly boot_id: string | null;
  readonly uptime_seconds: number | null;
}

/** When a sample was taken, by the clocks of the guest. */
interface GuestMoment extends Boot {
  readonly taken_at: number;
}

export const isReboot = (before: Boot, now: Boot): boolean => {
  if (before.boot_id !== null && now.boot_id !== null && before.boot_id !== now.boot_id) {
    return true;
  }
  // A machine that went back to a snapshot keeps its boot id.
  return (
    before.uptime_seconds !== null &&
    now.uptime_seconds !== null &&
    now.uptime_seconds < before.uptime_seconds - REBOOT_SECONDS
  );
};

/** By the guest's uptime, which nobody sets; where one is missing, by its clock. */
const guestMs = (before: GuestMoment, now: GuestMoment): number =>
  before.uptime_seconds !== null && now.uptime_seconds !== null
    ? (now.uptime_seconds - before.uptime_seconds) * 1000
    : now.taken_at - before.taken_at;

/**
 * Both samples were taken between question and answer, so the time between them is at least that
 * from the first answer to the second question, and at most that from the first question to the
 * second answer.
 */
export const guestElapsed = (
  before: Timed<GuestMoment>,
  now: Timed<GuestMoment>,
  intervalMs: number,
): Elapsed => {
  const one = before.value;
  const two = now.value;
  if (isReboot(one, two)) return 'rebooted';
  const receivedMs = now.receivedMonotonicMs - before.receivedMonotonicMs;
  if (receivedMs > longestMs(intervalMs)) return 'gap';
  if (receivedMs < SHORTEST_MS) return 'too_soon';
  const elapsedMs = guestMs(one, two);
  // The same sample again, too: its counters have not stood still, they were not read.
  if (elapsedMs < SHORTEST_MS) return 'clock_jump';
  const slackMs = SLACK_MS + SLACK_SHARE * receivedMs;
  const leastMs = receivedMs - now.seconds * 1000 - slackMs;
  const mostMs = receivedMs + before.seconds * 1000 + slackMs;
  return elapsedMs < leastMs || elapsedMs > mostMs ? 'clock_jump' : elapsedMs / 1000;
};

/** By the host's clock; the host is the same, and so is its boot. */
export const hostElapsed = (before: SeenVmm, now: SeenVmm, intervalMs: number): Elapsed => {
  const receivedMs = now.takenMonotonicMs - before.takenMonotonicMs;
  if (receivedMs > longestMs(intervalMs)) return 'gap';
  if (receivedMs < SHORTEST_MS) return 'too_soon';
  const elapsedMs = now.hostTakenAt - before.hostTakenAt;
  if (elapsedMs < SHORTEST_MS) return 'clock_jump';
  const slackMs = HOST_SLACK_MS + SLACK_SHARE * receivedMs;
  return Math.abs(elapsedMs - receivedMs) > slackMs ? 'clock_jump' : elapsedMs / 1000;
};
