import { expect, test } from 'vitest';
import { formatResults } from './tables.ts';

test('each size of guest is a row, with the spread over its runs', () => {
  const figure = {
    memoryMib: 128,
    totalKib: 100_000,
    firstReadingSeconds: 60,
    uptimeSeconds: 55,
    residentKib: 4000,
    anonymousKib: 3000,
    peakKib: 5000,
  };
  const text = formatResults({
    calmSeconds: 60,
    figures: [
      figure,
      { ...figure, memoryMib: 512, residentKib: 5000 },
      { ...figure, firstReadingSeconds: 80 },
    ],
  });
  const lines = text.split('\n').filter((line) => !line.includes('---'));
  expect(lines[1]).toBe('| 128 | 70.0 (60.0–80.0) | 55.0 | 4.10 | 3.07 | 5.12 | 4.00 % |');
  expect(lines[2]).toBe('| 512 | 60.0 | 55.0 | 5.12 | 3.07 | 5.12 | 5.00 % |');
  expect(text).toContain('60.0 s after cloud-init ended');
});
