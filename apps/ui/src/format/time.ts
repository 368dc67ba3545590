/** Moments in the user's own time zone. */

export interface TimeFormat {
  /** 14:23:12 */
  clock(ms: number): string;
  /** 20 Nov 2026, 14:23:12 CET */
  full(ms: number): string;
  /** 20 Nov, 14:23 */
  short(ms: number): string;
  /** 20 Nov, 14:23:12 */
  stamp(ms: number): string;
  isSameDay(ms: number, other: number): boolean;
}

export const makeTimeFormat = (zone: string | undefined): TimeFormat => {
  const options = zone === undefined ? {} : { timeZone: zone };
  const clock = new Intl.DateTimeFormat('en-GB', { ...options, timeStyle: 'medium' });
  const full = new Intl.DateTimeFormat('en-GB', {
    ...options,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  const short = new Intl.DateTimeFormat('en-GB', {
    ...options,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const stamp = new Intl.DateTimeFormat('en-GB', {
    ...options,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const day = new Intl.DateTimeFormat('en-GB', { ...options, dateStyle: 'short' });
  return {
    clock: (ms) => clock.format(ms),
    full: (ms) => full.format(ms),
    short: (ms) => short.format(ms),
    stamp: (ms) => stamp.format(ms),
    isSameDay: (ms, other) => day.format(ms) === day.format(other),
  };
};
