import { expect, test } from 'vitest';
import { readMarks } from './marks.ts';

const SERIAL = [
  'mark started',
  'mark resident calm agent 2320',
  'mark resident calm exporter 13704',
  'mark faults calm agent 14',
  'mark faults calm exporter 170',
  'mark pressure',
  '[   44.2] Out of memory: Killed process 118 (busybox) total-vm:64284kB, anon-rss:61240kB',
  'mark resident pressure agent 1824',
  'mark resident pressure exporter ',
  '[   75.3] Out of memory: Killed process 97 (node_exporter) total-vm:64284kB',
  'mark faults pressure agent 15',
  'mark released',
].join('\r\n');

test('what the guest says becomes figures, and what it could not read none', () => {
  expect(readMarks(SERIAL)).toStrictEqual({
    agents: {
      agent: { calmKib: [2320], pressureKib: [1824], majorFaults: 1, wasKilled: false },
      exporter: { calmKib: [13_704], pressureKib: [], majorFaults: undefined, wasKilled: true },
    },
    exhausted: 1,
  });
});
