import type { FleetRow } from '@innkeeper/protocol/fleet-frame';
import { expect, test } from 'vitest';
import { arrivalOf } from './arrival.ts';

const row: FleetRow = {
  key: 1,
  state: 'unknown',
  origin: 'none',
  reason: null,
  ageMs: 0,
  cpuUsagePercent: null,
  memoryUsagePercent: null,
  networkRxBytesPerSecond: null,
  networkTxBytesPerSecond: null,
  diskReadBytesPerSecond: null,
  diskWriteBytesPerSecond: null,
  uptimeSeconds: null,
  memoryTotalBytes: null,
  cpuCount: null,
};

test('before the first pull one waits', () => {
  expect(arrivalOf(undefined).kind).toBe('waiting');
  expect(arrivalOf(row).kind).toBe('waiting');
});

test('a pull that failed says why', () => {
  expect(arrivalOf({ ...row, reason: 'timeout' })).toStrictEqual({
    kind: 'failing',
    reason: 'timeout',
  });
});

test('a VM that only its host sees is there, with the reason why its agent is not', () => {
  const seen = { ...row, origin: 'host', reason: 'no_guest_ip' } as const;
  expect(arrivalOf(seen)).toStrictEqual({ kind: 'host_only', row: seen, reason: 'no_guest_ip' });
});

test('the first answer of the agent is the end of the waiting', () => {
  const answering = { ...row, state: 'up', origin: 'guest' } as const;
  expect(arrivalOf(answering)).toStrictEqual({ kind: 'answering', row: answering });
});
