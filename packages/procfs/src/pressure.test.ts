import { describe, expect, it } from 'vitest';
import { parsePressure } from './pressure.ts';
import { PRESSURE } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parsePressure', () => {
  it('reads averages, and the total in seconds', () => {
    expect(valueOf(parsePressure(PRESSURE))).toEqual({
      some: { avg10: 0.6, avg60: 0.38, avg300: 0.5, totalSeconds: 4.094419 },
      full: { avg10: 0, avg60: 0.01, avg300: 0, totalSeconds: 0.41024 },
    });
  });

  it('does without full (cpu before Linux 5.13) and without some (irq)', () => {
    const [some = '', full = ''] = PRESSURE.split('\n');
    expect(Object.keys(valueOf(parsePressure(some)))).toEqual(['some']);
    expect(Object.keys(valueOf(parsePressure(full)))).toEqual(['full']);
  });

  it('ignores further keys and lines', () => {
    const text = 'some avg10=1.00 avg60=1.00 avg300=1.00 total=1 avg900=x\nmost avg10=x\n';
    expect(valueOf(parsePressure(text)).some?.avg10).toBe(1);
  });

  it.each([
    'most avg10=1.00\n',
    'some avg10=0.00 avg60=0.00 avg300=0.00\n',
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=1.5\n',
    'some avg10=x avg60=0.00 avg300=0.00 total=1\n',
  ])('is malformed: %s', (text) => {
    expect(errorOf(parsePressure(text)).problem).toBe('malformed');
  });
});
