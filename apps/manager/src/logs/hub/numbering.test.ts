/** What becomes an entry of a stream, and what has been one already. */
import type { LogEntry, LogEvent } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { TAIL_LINES } from '../limits.ts';
import { makeHubCounters } from './hub-stats.ts';
import { makeLogRing } from './log-ring.ts';
import { makeNumbering } from './numbering.ts';

const start = () => {
  const ring = makeLogRing(10);
  const counters = makeHubCounters();
  const numbering = makeNumbering({ ring, resumeAfter: undefined, counters, now: () => 1 });
  const line = (number: number, message = `line ${number}`): void => {
    const event: LogEvent = {
      timestamp: number,
      level: 'info',
      target: 'app',
      message,
      fields: {},
      cursor: `f=${number}`,
    };
    numbering.line(event, JSON.stringify(event));
  };
  const messages = (): string[] =>
    ring
      .read(0, 1_000_000, Number.POSITIVE_INFINITY)
      .entries.flatMap((entry: LogEntry) => ('message' in entry ? entry.message : []));
  return { numbering, counters, line, messages };
};

test('a stream that begins anew repeats nothing, also where unknown lines come between', () => {
  const { numbering, counters, line, messages } = start();
  numbering.began(undefined);
  for (const number of [2, 3, 5]) line(number);
  numbering.began(undefined);
  for (const number of [1, 2, 3, 4, 5, 6]) line(number);
  expect(messages()).toStrictEqual([2, 3, 5, 1, 4, 6].map((number) => `line ${number}`));
  expect(counters).toMatchObject({ lines: 6, repeated: 3 });
});

test('a line with the cursor of another one is a new line', () => {
  const { numbering, line, messages } = start();
  numbering.began(undefined);
  line(1, 'before the file was emptied');
  numbering.began('f=1');
  line(1, 'after it');
  expect(messages()).toStrictEqual(['before the file was emptied', 'after it']);
});

test('a line is recognised once, and only among the first that a stream brings', () => {
  const { numbering, counters, line } = start();
  numbering.began(undefined);
  line(1);
  line(2);
  numbering.began(undefined);
  for (let count = 0; count < 3; count += 1) line(1);
  expect(counters).toMatchObject({ lines: 4, repeated: 1 });
  for (let number = 0; number < TAIL_LINES; number += 1) line(100 + number);
  line(2);
  expect(counters).toMatchObject({ lines: TAIL_LINES + 5, repeated: 1 });
});
