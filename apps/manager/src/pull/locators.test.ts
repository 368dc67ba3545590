import { processStatsRequestSchema } from '@innkeeper/protocol';
import { describe, expect, test } from 'vitest';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeLocatorBody } from './locators.ts';

type Located = Pick<VmRecord, 'id' | 'vmm'>;

const vmOf = (index: number, vmm?: Omit<NonNullable<VmRecord['vmm']>, 'kind'>): Located => ({
  id: `018f3a52-0c39-7d6e-b2c4-${String(index).padStart(12, '0')}`,
  vmm: vmm && { kind: 'qemu', ...vmm },
});

const locatorsIn = (body: Buffer) =>
  processStatsRequestSchema.parse(JSON.parse(body.toString())).vms;

describe('the locators of VMs', () => {
  test('say what the command line does not tell, and nothing of VMs of which it tells all', () => {
    const all = {
      pid: 7,
      pidfile: '/run/vm.pid',
      api_socket: '/run/api',
      metrics_fifo: '/run/fifo',
      qmp_socket: '/run/qmp',
      taps: ['tap0'],
    };
    const { body, sent, leftOut } = makeLocatorBody([
      vmOf(1),
      vmOf(2, { uuid: 'u', name: 'n' }),
      vmOf(3, { ...all, uuid: 'u', name: 'n', start_ticks: 9 }),
      vmOf(4, { taps: ['tap1'] }),
    ]);
    expect(locatorsIn(body)).toEqual([
      { vm_id: vmOf(3).id, ...all },
      { vm_id: vmOf(4).id, taps: ['tap1'] },
    ]);
    expect([sent, leftOut]).toEqual([2, 0]);
  });

  test('are an empty list where nobody has any', () => {
    expect(makeLocatorBody([]).body.toString()).toBe('{"vms":[]}');
  });

  test('stay within what the agent takes, and those that do not fit are counted', () => {
    const long = `/${'ü'.repeat(1000)}`;
    const vms = Array.from({ length: 300 }, (_, index) => vmOf(index, { pidfile: long }));
    const { body, sent, leftOut } = makeLocatorBody([...vms, vmOf(301, { pid: 1 })]);
    expect(body.length).toBeLessThanOrEqual(256 * 1024);
    expect(body.length).toBeGreaterThan(250 * 1024);
    expect(locatorsIn(body)).toHaveLength(sent);
    expect(sent + leftOut).toBe(301);
    expect(leftOut).toBeGreaterThan(100);
  });
});
