/** A line without what looks like a time, so that outputs that differ in nothing else are the same. */

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const DAYS = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun';

const TIMES: readonly RegExp[] = [
  /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?/gu,
  new RegExp(
    `\\b(?:(?:${DAYS})[a-z]{0,6},? )?(?:${MONTHS})[a-z]{0,6} {1,2}\\d{1,2}\\b(?: \\d{4})?`,
    'gu',
  ),
  /\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\b/gu,
  // Unix time, in seconds or milliseconds, from 2017 to 2033.
  /\b1[5-9]\d{8}(?:\d{3})?\b/gu,
  /\b\d{1,12}(?:[.,]\d{1,9})? ?(?:ns|us|µs|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b/gu,
];

export const withoutTimes = (line: string): string => {
  let text = line;
  for (const time of TIMES) text = text.replaceAll(time, '<time>');
  return text;
};
