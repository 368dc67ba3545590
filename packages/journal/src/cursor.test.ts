import { describe, expect, it } from 'vitest';
import { formatCursor, parseCursor } from './cursor.ts';

const CURSOR =
  's=e9711e30aa984d989bc44366aec931df;i=4e20;b=6f372cb2ce8d4e8ba287987cd104091a;m=2553c7a2b;t=640b5effe962b;x=3ccb78af1de0dfd6';

describe('a cursor', () => {
  it('is read, and written as journalctl writes it', () => {
    const cursor = parseCursor(CURSOR);
    expect(cursor).toEqual({
      seqnumId: 'e9711e30aa984d989bc44366aec931df',
      seqnum: 20_000,
      bootId: '6f372cb2ce8d4e8ba287987cd104091a',
      monotonicUs: 10_019_961_387,
      realtimeUs: 1_760_000_019_961_387,
      xorHash: '3ccb78af1de0dfd6',
    });
    expect(cursor && formatCursor(cursor)).toBe(CURSOR);
  });

  it.each([
    '',
    's=1',
    CURSOR.slice(0, -1).replace(';x=', ';y='),
    `${CURSOR};`,
    `${CURSOR}\n`,
    CURSOR.replace('i=4e20', 'i=ffffffffffffffff'),
    CURSOR.replace('i=4e20', 'i=-1'),
    CURSOR.toUpperCase(),
  ])('is refused where it is not whole: %j', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});
