import { describe, expect, it } from 'vitest';
import { TUN_FDINFO } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';
import { parseTunFdinfo } from './tun-fdinfo.ts';

describe('parseTunFdinfo', () => {
  it('reads the name of the interface', () => {
    expect(valueOf(parseTunFdinfo(TUN_FDINFO))).toEqual({ device: 'tap0' });
  });

  it.each(['pos:\t0\nflags:\t02\n', 'pos:\t0\niff:\t\n'])('finds none in %j', (text) => {
    expect(valueOf(parseTunFdinfo(text))).toEqual({});
  });

  it.each(['iff:\tmore than fifteen\n', 'iff:\ta b\n', 'iff:\ta/b\n', 'iff:\t0123456789abcdef\n'])(
    'is malformed: %j',
    (text) => {
      expect(errorOf(parseTunFdinfo(text)).problem).toBe('malformed');
    },
  );
});
