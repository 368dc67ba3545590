/** Moments and ranges of the charts in words, with the day where it is not today or is not one. */
import type { Span } from '../../charts/gaps.ts';
import { DAY } from '../../charts/time-ticks.ts';
import type { TimeFormat } from '../../format/time.ts';

/** Where so much is in sight, seconds say nothing. */
export const momentText = (
  time: TimeFormat,
  at: number,
  { from, to }: Span,
  now: number,
): string => {
  if (to - from >= DAY) return time.short(at);
  return time.isSameDay(at, now) && time.isSameDay(from, to) ? time.clock(at) : time.stamp(at);
};

/** `19 Nov, 14:20:00 – 14:30:00` */
export const spanText = (time: TimeFormat, { from, to }: Span): string =>
  `${time.stamp(from)} – ${time.isSameDay(from, to) ? time.clock(to) : time.stamp(to)}`;
