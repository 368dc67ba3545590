import { describe, expect, it } from 'vitest';
import { parseSockstat } from './sockstat.ts';
import { SOCKSTAT } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseSockstat', () => {
  it('reads the sockets and the protocols', () => {
    const { socketsUsed, protocols } = valueOf(parseSockstat(SOCKSTAT));
    expect(socketsUsed).toBe(112);
    expect(protocols.map(({ protocol }) => protocol)).toEqual(['TCP', 'UDP', 'FRAG']);
    expect(protocols[1]?.values).toEqual([
      ['inuse', 2],
      ['mem', 1],
    ]);
  });

  it('reads sockstat6, which has no sockets line', () => {
    expect(valueOf(parseSockstat('TCP6: inuse 4\nFRAG6: inuse 0 memory 0\n'))).toEqual({
      protocols: [
        { protocol: 'TCP6', values: [['inuse', 4]] },
        {
          protocol: 'FRAG6',
          values: [
            ['inuse', 0],
            ['memory', 0],
          ],
        },
      ],
    });
  });

  it.each([
    ['a number is missing', 'TCP: inuse\n'],
    ['a number is negative', 'TCP: inuse -1\n'],
    ['there is no known line', 'hello\n'],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parseSockstat(text)).problem).toBe('malformed');
  });
});
