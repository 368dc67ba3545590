/** The one deadline of a connection: setting it again replaces the one before. */
import type { Cancel, Clock } from '../platform/platform.ts';

export interface Deadline {
  set(ms: number, fire: () => void): void;
  clear(): void;
}

export const makeDeadline = (clock: Pick<Clock, 'after'>): Deadline => {
  let cancel: Cancel = () => undefined;
  return {
    set: (ms, fire) => {
      cancel();
      cancel = clock.after(ms, fire);
    },
    clear: () => cancel(),
  };
};
