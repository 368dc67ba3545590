/** How far an agent's clock is ahead of ours, by the `Date` header (RFC 9110 section 6.6.1). */

/** `Sun, 06 Nov 1994 08:49:37 GMT`: the only form that may be sent. */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u;

/** Whole seconds: the header has no more, and the way here takes part of one. */
export const clockOffsetSeconds = (date: string | undefined, nowMs: number): number | undefined => {
  if (date === undefined || !IMF_FIXDATE.test(date)) return undefined;
  const theirs = Date.parse(date);
  // The header is cut to the second, so half of one is missing on average.
  return Number.isNaN(theirs) ? undefined : Math.round((theirs + 500 - nowMs) / 1000);
};
