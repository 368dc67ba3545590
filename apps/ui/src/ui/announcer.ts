/**
 * What a live region says. Those who hear it are told a change that matters, once it has come to rest,
 * and never more often than they can listen; what moves by itself, such as seconds, is no change.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Announcer {
  readonly said: ReadonlySignal<string>;
  /**
   * @param subject what matters; while it is the same nothing is said
   * @param words asked for in the moment when they are said
   */
  tell(subject: string, words: () => string): void;
  stop(): void;
}

const EVERY_MS = 2_000;
/** For typing, and for what is only about to come. */
const REST_MS = 500;

export const makeAnnouncer = (now: () => number): Announcer => {
  const said = signal('');
  let subject = '';
  let words = (): string => '';
  let saidAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (): void => {
    timer = undefined;
    saidAt = now();
    said.value = words();
  };
  return {
    said,
    tell: (changed, wordsNow) => {
      words = wordsNow;
      if (changed === subject) return;
      subject = changed;
      clearTimeout(timer);
      timer = setTimeout(say, Math.max(REST_MS, saidAt + EVERY_MS - now()));
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};
