/** Who wants to hear of something. One that throws keeps nobody else from hearing it. */
import type { Log } from '../log.ts';

export interface Listeners<Values extends readonly unknown[]> {
  /** The answer ends it. */
  add(listener: (...values: Values) => void): () => void;
  call(...values: Values): void;
  /** How many calls have thrown. */
  failures(): number;
}

/** A listener that always throws would write thousands of lines a second. */
const LOG_EVERY_MS = 10_000;

export const makeListeners = <Values extends readonly unknown[]>(
  name: string,
  log: Pick<Log, 'error'>,
  monotonicMs: () => number,
): Listeners<Values> => {
  // Each registration is one of its own, also of the same function.
  const listeners = new Set<{ readonly listener: (...values: Values) => void }>();
  let failures = 0;
  let loggedMs: number | undefined;

  const report = (error: unknown): void => {
    failures += 1;
    const now = monotonicMs();
    if (loggedMs !== undefined && now - loggedMs < LOG_EVERY_MS) return;
    loggedMs = now;
    log.error('a listener has thrown', { listener: name, failures, error });
  };

  return {
    add: (listener) => {
      const entry = { listener };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    call: (...values) => {
      for (const { listener } of listeners) {
        try {
          listener(...values);
        } catch (error) {
          report(error);
        }
      }
    },
    failures: () => failures,
  };
};
