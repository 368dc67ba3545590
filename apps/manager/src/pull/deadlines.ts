/**
 * One timer for the deadlines of all exchanges. They are looked at after the sockets (`setImmediate`
 * follows the poll phase), so an answer that is there already counts. A stall of the event loop, or a
 * suspended machine, is not the guests' fault: what was under way gets that time again, else every
 * pull would fail at once and every connection be opened anew.
 */
export interface Timed {
  /** Monotonic milliseconds; moved on by stalls. */
  expiresAt: number;
  /** How long it had when it was watched: no stall gives it more than this from now. */
  budgetMs: number;
  /** Its place among the watched; undefined while it is not. */
  place: number | undefined;
  expire(): void;
}

export interface Deadlines {
  watch(timed: Timed, deadlineMs: number): void;
  unwatch(timed: Timed): void;
  /** What is under way expires now: nobody would end it later, and its socket would keep us alive. */
  stop(): void;
}

const PERIOD_MS = 25;

export const makeDeadlines = (dependencies: { readonly monotonicMs: () => number }): Deadlines => {
  const { monotonicMs } = dependencies;
  // Only what is under way right now: a few dozen, and the guests that do not answer.
  // A list, since a Set leaves its outgrown tables to the garbage collector with all that was in
  // them: measured, 2 KB for each exchange stayed until the next full collection.
  const watched: Timed[] = [];
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let sweptAt = 0;

  const unwatch = (timed: Timed): void => {
    const { place } = timed;
    if (place === undefined) return;
    timed.place = undefined;
    const last = watched.pop();
    if (last === undefined || last === timed) return;
    watched[place] = last;
    last.place = place;
  };

  const sweep = (): void => {
    immediate = undefined;
    const now = monotonicMs();
    const stalledMs = now - sweptAt - PERIOD_MS;
    const hasStalled = stalledMs > PERIOD_MS;
    sweptAt = now;
    // From the end: whoever goes is replaced by one that has been looked at.
    for (let place = watched.length - 1; place >= 0; place -= 1) {
      const timed = watched[place];
      if (timed === undefined) continue;
      if (hasStalled) {
        timed.expiresAt = Math.min(timed.expiresAt + stalledMs, now + timed.budgetMs);
      }
      if (timed.expiresAt > now) continue;
      unwatch(timed);
      timed.expire();
    }
    if (watched.length > 0) arm();
  };

  const arm = (): void => {
    timer = setTimeout(() => {
      timer = undefined;
      immediate = setImmediate(sweep);
    }, PERIOD_MS);
  };

  return {
    watch: (timed, deadlineMs) => {
      const now = monotonicMs();
      timed.expiresAt = deadlineMs;
      timed.budgetMs = deadlineMs - now;
      if (timed.place === undefined) timed.place = watched.push(timed) - 1;
      if (timer === undefined && immediate === undefined) {
        sweptAt = now;
        arm();
      }
    },
    unwatch,
    stop: () => {
      clearTimeout(timer);
      clearImmediate(immediate);
      timer = undefined;
      immediate = undefined;
      for (const timed of watched.splice(0)) {
        timed.place = undefined;
        timed.expire();
      }
    },
  };
};
