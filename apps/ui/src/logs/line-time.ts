/** `14:23:10.222`, in the user's zone. Formatting is dear, and most lines share their second. */
import type { TimeFormat } from '../format/time.ts';

const MOST_KNOWN = 2_000;

export const makeLineTime = (format: Pick<TimeFormat, 'clock'>): ((ms: number) => string) => {
  const known = new Map<number, string>();
  return (ms) => {
    const second = Math.floor(ms / 1000);
    let clock = known.get(second);
    if (clock === undefined) {
      if (known.size >= MOST_KNOWN) known.clear();
      clock = format.clock(second * 1000);
      known.set(second, clock);
    }
    return `${clock}.${String(Math.floor(ms - second * 1000)).padStart(3, '0')}`;
  };
};
