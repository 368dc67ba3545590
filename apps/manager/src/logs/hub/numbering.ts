/**
 * What becomes an entry of a stream: each line once, and between them what happened there. A line
 * that comes again after a break is recognised by its cursor and its text: a file that was emptied uses
 * its cursors again.
 */
import type { LogDropped, LogEvent } from '@innkeeper/protocol';
import { TAIL_LINES } from '../limits.ts';
import { bootOf } from './boot-of.ts';
import type { HubCounters } from './hub-stats.ts';
import type { LogRing } from './log-ring.ts';

export interface Numbering {
  /**
   * A stream to the agent begins; `after`: with what comes after the line of this cursor. `isSame`:
   * it takes the place of one that was alive, which is nothing to tell anybody.
   */
  began(after: string | undefined, isSame?: boolean): void;
  line(event: LogEvent, text: string): void;
  dropped(missing: LogDropped): void;
  /** Something came that is no event: whether a line is missing, nobody can tell. */
  bad(): void;
  /** The place where the first stream was to begin is none; the next one begins with the last lines. */
  giveUpPlace(): void;
  /** Of the last line, or where the first stream was to begin. */
  lastCursor(): string | undefined;
}

/** More do not come mixed. */
const MAX_BOOTS = 64;

export const makeNumbering = (dependencies: {
  readonly ring: LogRing;
  readonly resumeAfter: string | undefined;
  readonly counters: HubCounters;
  readonly now: () => number;
}): Numbering => {
  const { ring, counters, now } = dependencies;
  const boots = new Set<string>();
  let boot: string | undefined;
  let cursor = dependencies.resumeAfter;
  let hasBegun = false;
  /** The number of the last mark that says so. */
  let badAt: number | undefined;
  /** A stream was taken up again, and its first event will tell whether something is missing. */
  let resumption: { readonly isExact: boolean } | undefined;
  /**
   * The same: the lines that may come again, each once. New ones may come between them, but no more
   * than a stream begins with.
   */
  let repetition: { readonly known: Map<string, string>; misses: number } | undefined;

  const mark = (
    kind: 'resumed' | 'lost' | 'rebooted',
    count: number | null,
    reason?: string,
  ): void => {
    ring.addMark({ mark: kind, at: now(), count, ...(reason !== undefined && { reason }) });
  };

  const isAgain = (event: LogEvent, text: string): boolean => {
    if (repetition === undefined) return false;
    const { known } = repetition;
    const isKnown = known.get(event.cursor) === text;
    if (isKnown) known.delete(event.cursor);
    else repetition.misses += 1;
    if (known.size === 0 || repetition.misses === TAIL_LINES) repetition = undefined;
    return isKnown;
  };

  const settleResumption = (missing?: LogDropped): void => {
    if (resumption === undefined) return;
    const { isExact } = resumption;
    resumption = undefined;
    if (missing !== undefined) mark('resumed', missing.count, missing.reason);
    else if (isExact) mark('resumed', 0);
    else mark('resumed', null, 'the agent does not know the last line any more');
  };

  const lookAtBoot = (event: LogEvent): void => {
    const of = bootOf(event.cursor);
    if (of === undefined || of === boot) return;
    // Files of several boots may come mixed: each boot is told once.
    if (boot !== undefined && !boots.has(of)) mark('rebooted', 0);
    boot = of;
    if (boots.size < MAX_BOOTS) boots.add(of);
  };

  return {
    began: (after, isSame = false) => {
      const isAnew = hasBegun && !isSame && cursor !== undefined;
      const isUnknown = after === undefined && cursor !== undefined;
      if (hasBegun && !isSame) counters.reconnects += 1;
      if (isAnew || isUnknown) resumption = { isExact: after !== undefined };
      if (ring.newest() > 0) repetition = { known: ring.texts(), misses: 0 };
      hasBegun = true;
    },
    line: (event, text) => {
      if (isAgain(event, text)) {
        counters.repeated += 1;
        return;
      }
      settleResumption();
      lookAtBoot(event);
      ring.addLine(event, text);
      ({ cursor } = event);
      counters.lines += 1;
    },
    dropped: (missing) => {
      counters.lostByAgents += missing.count ?? 0;
      if (resumption !== undefined && missing.reason !== 'slow') {
        settleResumption(missing);
        return;
      }
      settleResumption();
      mark('lost', missing.count, missing.reason);
    },
    bad: () => {
      counters.bad += 1;
      // Once for all that come in a row.
      if (ring.newest() === badAt) return;
      settleResumption();
      mark('lost', null, 'the agent sent what is no line of a log');
      badAt = ring.newest();
    },
    giveUpPlace: () => {
      cursor = undefined;
      resumption = undefined;
      mark('resumed', null, 'the last line was too long ago');
    },
    lastCursor: () => cursor,
  };
};
