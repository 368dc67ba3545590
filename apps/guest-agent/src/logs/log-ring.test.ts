import { describe, expect, it } from 'vitest';
import { collectLog } from '../testing/collect-log.ts';
import { makeLogRing, type LogRing } from './log-ring.ts';

const filled = (count: number, run = 'run'): LogRing => {
  const ring = makeLogRing(run);
  for (let index = 0; index < count; index += 1) say(ring, `line ${index}`);
  return ring;
};

const say = (ring: LogRing, message: string): void =>
  ring.add({ timestamp: 5, level: 'warn', target: 'guest-agent', message, fields: { n: 1 } });

describe("the agent's own log", () => {
  it('keeps the last thousand lines', () => {
    const { events, messages } = collectLog(filled(1200));
    expect(messages().length).toBe(1000);
    expect(messages()[0]).toBe('line 200');
    expect(events[0]).toMatchObject({ level: 'warn', fields: { n: 1 }, timestamp: 5 });
  });

  it('goes on with what is said, and stops when nobody listens', () => {
    const ring = filled(3);
    const log = collectLog(ring, { follow: true, tail: 1 });
    say(ring, 'new');
    expect(log.messages()).toEqual(['line 2', 'new']);
    log.close();
    say(ring, 'unheard');
    expect(log.messages().length).toBe(2);
  });

  it('resumes behind a cursor, and says what was overwritten', () => {
    const ring = filled(10);
    const cursor = collectLog(ring).events[6]?.cursor;
    expect(collectLog(ring, { after: cursor, tail: undefined }).messages()).toEqual([
      'line 7',
      'line 8',
      'line 9',
    ]);
    for (let index = 0; index < 1000; index += 1) say(ring, 'more');
    expect(collectLog(ring, { after: cursor, tail: undefined }).missed).toEqual([
      [3, 'overwritten'],
    ]);
  });

  it('gives all, and says so, to who has a cursor from before a restart', () => {
    const after = collectLog(filled(3, 'before')).events[1]?.cursor;
    const log = collectLog(filled(3, 'after'), { after, tail: undefined });
    expect(log.messages().length).toBe(3);
    expect(log.missed).toEqual([[undefined, 'overwritten']]);
    expect(collectLog(filled(1), { after: 's=x' }).refused).toMatchObject({ status: 422 });
  });
});
