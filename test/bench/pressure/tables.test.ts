import { expect, test } from 'vitest';
import { formatResults } from './tables.ts';

const scrapes = (failures: number, ...answeredMs: readonly number[]) => ({ answeredMs, failures });

test('an agent that never answered has no latency, and its failures are counted', () => {
  const agent = {
    calm: scrapes(0, 10, 20),
    pressure: scrapes(1, 100),
    calmKib: [2000],
    pressureKib: [1000, 2000],
    majorFaults: 3,
    wasKilled: false,
    answersAfter: true,
  };
  const exporter = {
    ...agent,
    majorFaults: undefined,
    pressure: scrapes(3),
    wasKilled: true,
    answersAfter: false,
  };
  const text = formatResults({
    exporterVersion: '1.5.0',
    timeoutMs: 10_000,
    pressureSeconds: 60,
    runs: [{ agents: { agent, exporter }, exhausted: 2 }],
  });
  const lines = text.split('\n').filter((line) => !line.includes('---'));
  expect(lines).toContain('| our agent, native | 10.0 | 20.0 | 0 of 2 | 100 | 100 | 1 of 2 |');
  expect(lines).toContain(
    '| node_exporter 1.5.0, as it comes | 10.0 | 20.0 | 0 of 2 | – | – | 3 of 3 |',
  );
  expect(lines).toContain('| our agent, native | 2.05 | 1.54 (1.02–2.05) | 3.00 | 1 of 1 |');
  expect(lines).toContain(
    '| node_exporter 1.5.0, as it comes | 2.05 | 1.54 (1.02–2.05) | – | 0 of 1 |',
  );
  expect(text).toMatch(/60 s at the limit .* 10\.0 s .* 2 times/u);
});
