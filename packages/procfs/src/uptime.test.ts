import { describe, expect, it } from 'vitest';
import { errorOf, valueOf } from './testing/unwrap.ts';
import { parseUptime } from './uptime.ts';

describe('parseUptime', () => {
  it('reads both times', () => {
    expect(valueOf(parseUptime('454.90 880.97\n'))).toEqual({
      uptimeSeconds: 454.9,
      idleSeconds: 880.97,
    });
  });

  it('does without the idle time', () => {
    expect(valueOf(parseUptime('454.90\n'))).toEqual({ uptimeSeconds: 454.9 });
  });

  it.each(['x 1.00', '1.00 x', '-5.00 1.00'])('is malformed: %s', (text) => {
    expect(errorOf(parseUptime(text)).problem).toBe('malformed');
  });
});
