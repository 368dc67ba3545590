import { expect, it } from 'vitest';
import type { Reading } from '@innkeeper/protocol';
import { makeReading, makeVm } from '../../../../test/support/registry-fixtures.ts';
import { makeGlance } from './glance.ts';
import { makeVmCache } from './vm-cache.ts';
import type { VmRecord } from './vm-record.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

it('a glance is at the newest reading, of registered VMs only', () => {
  const vms = makeVmCache({ log: silent });
  const vm = makeVm(1);
  const blank = makeReading(vm.id);
  const listeners = new Set<(vm: VmRecord, reading: Reading) => void>();
  const newest = makeGlance({
    vms,
    readings: {
      latest: () => blank,
      onReading: (listener) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    },
  });
  vms.put(vm);
  expect(newest.glance(vm)).toBe(blank);
  const reading = makeReading(vm.id, { state: 'up' });
  for (const listener of listeners) listener(vm, reading);
  expect(newest.glance(vm)).toBe(reading);
  vms.put({ ...vm, name: 'renamed' });
  expect(newest.glance({ ...vm, name: 'renamed' })).toBe(reading);
  vms.remove(vm.id);
  expect(newest.glance(vm)).toBe(blank);
  newest.stop();
  expect(listeners.size).toBe(0);
});
