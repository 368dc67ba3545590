import { describe, expect, it } from 'vitest';
import { parsePidStat, parsePidTimes } from './pid-stat.ts';
import { PID_STAT } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parsePidStat', () => {
  it('reads times in seconds', () => {
    expect(valueOf(parsePidStat(PID_STAT))).toEqual({
      pid: 3141,
      comm: 'cat',
      state: 'R',
      ppid: 3133,
      pgrp: 3133,
      session: 2491,
      cpuSeconds: 0.19,
      userSeconds: 0.12,
      systemSeconds: 0.07,
      threads: 1,
      startTicks: 45490,
      startSecondsAfterBoot: 454.9,
      vsizeBytes: 3133440,
      rssPages: 407,
    });
  });

  it.each(['(sd-pam)', 'a b', 'kworker/0:1-events', ') R 1 2 3', 'x\ny', '', ' '])(
    'accepts the name "%s"',
    (comm) => {
      expect(valueOf(parsePidStat(PID_STAT.replace('(cat)', `(${comm})`))).comm).toBe(comm);
    },
  );

  it('accepts the -1 of a process that is being reaped', () => {
    const text = PID_STAT.replace('R 3133 3133 2491', 'Z 0 -1 -1');
    expect(valueOf(parsePidStat(text))).toMatchObject({ ppid: 0, pgrp: -1, session: -1 });
  });

  it.each([
    ['there is no name', '3141 R 1 2 3\n'],
    ['the name has no end', '3141 (cat R 1 2 3\n'],
    ['the process id is no number', PID_STAT.replace('3141', 'x')],
    ['the state is not one letter', PID_STAT.replace(') R', ') RR')],
    ['a field is no number', PID_STAT.replace(' 407 ', ' x ')],
    ['the line is cut off', PID_STAT.slice(0, 60)],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parsePidStat(text)).problem).toBe('malformed');
  });
});

describe('parsePidTimes', () => {
  it.each(['cat', ') R 1 2 3', 'x\ny', ''])('agrees with parsePidStat about "%s"', (comm) => {
    const text = PID_STAT.replace('(cat)', `(${comm})`);
    const { cpuSeconds, startTicks } = valueOf(parsePidStat(text));
    expect(valueOf(parsePidTimes(text))).toEqual({ cpuSeconds, startTicks });
  });

  it.each([
    ['there is no name', '3141 R 1 2 3\n'],
    ['the start is no number', PID_STAT.replace(' 45490 ', ' x ')],
    ['the line is cut off', PID_STAT.slice(0, 60)],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parsePidTimes(text)).problem).toBe('malformed');
  });
});
