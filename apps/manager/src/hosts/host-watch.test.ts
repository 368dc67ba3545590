import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VmmProcess } from '@innkeeper/protocol';
import {
  idOf,
  makeHost,
  makeStats,
  makeVm,
  makeVmm,
} from '../../../../test/support/registry-fixtures.ts';
import type { PullResult } from '../pull/pull-result.ts';
import { makeVmCache } from '../vms/vm-cache.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { HostStats } from './host-answer.ts';
import { makeHostCache } from './host-cache.ts';
import { makeHostWatch, type HostWatch } from './host-watch.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const UUID = '11111111-2222-3333-4444-555555555555';
const INTERVAL_MS = 1000;

const refused: PullResult<HostStats> = {
  ok: false,
  seconds: 0.1,
  failure: { kind: 'unreachable', message: 'connect ECONNREFUSED' },
};

describe('the watch over hosts', () => {
  const first = makeHost(1);
  const second = makeHost(2);
  let nowMs = 0;
  let vms = makeVmCache({ log: silent });
  let hosts = makeHostCache({ log: silent });
  let watch: HostWatch;

  const answerWith = (stats: HostStats['stats']): PullResult<HostStats> => ({
    ok: true,
    value: { stats },
    seconds: 0.02,
    receivedAt: 1_700_000_000_000 + nowMs,
    receivedMonotonicMs: nowMs,
  });
  const answer = (...vmms: VmmProcess[]) => answerWith(makeStats(vmms));

  const observe = (vm: VmRecord) => {
    const current = vms.get(vm.id) ?? vm;
    return watch.observe(current);
  };

  beforeEach(() => {
    nowMs = 0;
    vms = makeVmCache({ log: silent });
    hosts = makeHostCache({ log: silent });
    hosts.put(first);
    watch = makeHostWatch({
      vms,
      hosts,
      intervalMs: INTERVAL_MS,
      clock: { now: () => 1_700_000_000_000 + nowMs, monotonicMs: () => nowMs },
    });
    hosts.put(second);
  });
  afterEach(() => {
    watch.stop();
  });

  const web = makeVm(1, { name: 'web', hostId: first.id });

  it('knows nothing of a VM before its host has been asked', () => {
    vms.put(web);
    expect(observe(web)).toEqual({ kind: 'pending', hostId: first.id });
    expect(observe(makeVm(2))).toEqual({ kind: 'no_host' });
    expect(watch.status(first)).toMatchObject({ state: 'unknown', reason: null, seen_at: null });
    expect(watch.found(first.id)).toBeUndefined();
  });

  it('sees a VM that the host sees, with the times of the answer', () => {
    vms.put(web);
    nowMs = 500;
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    expect(observe(web)).toMatchObject({
      kind: 'seen',
      hostId: first.id,
      takenAt: 1_700_000_000_500,
      takenMonotonicMs: 500,
      hostTakenAt: 1_700_000_000_000,
      hostBootId: 'boot-1',
      vmm: { pid: 7 },
    });
  });

  it('tells a VM that has ended from one that was never there', () => {
    const other = makeVm(2, { name: 'db', hostId: first.id });
    vms.put(web, other);
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    expect(observe(web).kind).toBe('seen');
    watch.answered(first, answer());
    expect(observe(web)).toMatchObject({ kind: 'no_vmm', seenBefore: true });
    expect(observe(other)).toMatchObject({ kind: 'no_vmm', seenBefore: false });
  });

  it('forgets that it has seen a VM which is looked for in another way now', () => {
    vms.put(web);
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    observe(web);
    vms.put({ ...web, vmm: { kind: 'qemu', uuid: UUID } });
    watch.answered(first, answer(makeVmm(7, { name: 'web', uuid: idOf(5) })));
    expect(observe(web)).toMatchObject({ kind: 'no_vmm', seenBefore: false });
  });

  it('keeps an answer for three intervals, also when the host has failed since', () => {
    vms.put(web);
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    nowMs = 3000;
    watch.answered(first, refused);
    expect(observe(web).kind).toBe('seen');
    expect(watch.status(first)).toMatchObject({ state: 'up', reason: 'unreachable' });
    nowMs = 3001;
    expect(observe(web)).toMatchObject({ kind: 'unreachable', failure: { kind: 'unreachable' } });
    expect(watch.status(first)).toMatchObject({
      state: 'down',
      seen_at: 1_700_000_000_000,
      vmm_count: null,
      found_count: null,
    });
    expect(watch.found(first.id)).toBeUndefined();
  });

  it('does not believe a host that is not asked any more', () => {
    vms.put(web);
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    nowMs = 3001;
    expect(observe(web)).toMatchObject({ kind: 'unreachable', failure: { kind: 'timeout' } });
  });

  it('says what the agent said of a locator that led nowhere', () => {
    vms.put(web);
    const stats = makeStats([], {
      unmatched: [{ vm_id: web.id, reason: 'absent', message: 'no VMM has the pid 9' }],
    });
    watch.answered(first, answerWith(stats));
    expect(observe(web)).toMatchObject({ kind: 'no_vmm', message: 'no VMM has the pid 9' });
  });

  it('finds what nobody has registered, until somebody has', () => {
    watch.answered(first, answer(makeVmm(7, { name: 'web' }), makeVmm(8, { uuid: UUID })));
    expect(watch.found(first.id)).toMatchObject([
      { id: '7-107', host_id: first.id, name: 'web' },
      { id: '8-108', uuid: UUID },
    ]);
    expect(watch.status(first)).toMatchObject({ vmm_count: 2, found_count: 2 });
    vms.put(web);
    expect(watch.found(first.id)?.map(({ id }) => id)).toEqual(['8-108']);
    expect(watch.foundProcess(first.id, '7-107')).toBeUndefined();
    vms.put({ ...web, name: 'renamed' });
    expect(watch.foundProcess(first.id, '7-107')?.vmm.pid).toBe(7);
    vms.put(web);
    vms.remove(web.id);
    expect(watch.status(first).found_count).toBe(2);
  });

  it('sees a VM without a host wherever it runs, and that it has ended there', () => {
    const roaming = makeVm(3, { vmm: { kind: 'qemu', uuid: UUID } });
    vms.put(roaming);
    watch.answered(second, answer(makeVmm(7, { uuid: UUID })));
    expect(observe(roaming)).toMatchObject({ kind: 'seen', hostId: second.id });
    watch.answered(second, answer());
    expect(observe(roaming)).toMatchObject({ kind: 'no_vmm', hostId: second.id, seenBefore: true });
    watch.answered(first, answer(makeVmm(9, { uuid: UUID })));
    expect(observe(roaming)).toMatchObject({ kind: 'seen', hostId: first.id });
    watch.answered(second, answer(makeVmm(7, { uuid: UUID })));
    expect(observe(roaming)).toMatchObject({ kind: 'ambiguous', count: 2 });
    nowMs = 2500;
    watch.answered(second, answer(makeVmm(7, { uuid: UUID })));
    nowMs = 3500;
    expect(observe(roaming)).toMatchObject({ kind: 'seen', hostId: second.id });
    hosts.remove(second.id);
    hosts.remove(first.id);
    expect(observe(roaming)).toEqual({ kind: 'no_host' });
  });

  it('ignores the answer of an address that is no longer the host', () => {
    vms.put(web);
    hosts.put({ ...first, address: '10.9.0.7' });
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    expect(observe(web).kind).toBe('pending');
    hosts.remove(first.id);
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    expect(observe(web)).toEqual({ kind: 'no_host' });
  });

  it('keeps the answer of a host that only got another name', () => {
    vms.put(web);
    watch.answered(first, answer(makeVmm(7, { name: 'web' })));
    hosts.put({ ...first, name: 'renamed' });
    expect(observe(web).kind).toBe('seen');
  });

  describe('tells the agent', () => {
    const fifo = '/run/fc/1.metrics';
    const asked = () => [...watch.vmsOf(first.id)].map(({ id, vmm }) => ({ id, vmm }));

    it('the pid of a VM that is known by its uuid, so that its FIFO is read', () => {
      const vmm = { kind: 'qemu', uuid: UUID, metrics_fifo: fifo } as const;
      const vm = makeVm(1, { hostId: first.id, vmm });
      const roaming = makeVm(2, { vmm: { kind: 'qemu', name: 'db', taps: ['tap0'] } });
      vms.put(vm, roaming);
      expect(asked()).toEqual([{ id: vm.id, vmm }]);
      watch.answered(first, answer(makeVmm(7, { uuid: UUID }), makeVmm(8, { name: 'db' })));
      expect(asked()).toEqual([
        { id: vm.id, vmm: { ...vmm, pid: 7 } },
        { id: roaming.id, vmm: { ...roaming.vmm, pid: 8 } },
      ]);
      watch.answered(first, answer());
      expect(asked()).toEqual([{ id: vm.id, vmm }]);
    });

    it('no pid of a process that has gone', () => {
      const vmm = { kind: 'qemu', pid: 7, start_ticks: 107, metrics_fifo: fifo } as const;
      vms.put(makeVm(1, { hostId: first.id, vmm }));
      watch.answered(first, answer(makeVmm(7)));
      expect(asked()).toEqual([{ id: idOf(1), vmm }]);
      watch.answered(first, answer(makeVmm(7, { start_ticks: 999 })));
      const { pid: _pid, ...rest } = vmm;
      expect(asked()).toEqual([{ id: idOf(1), vmm: rest }]);
    });

    it('nothing that the agent itself has said before', () => {
      const vmm = { kind: 'qemu', pidfile: '/run/a.pid' } as const;
      vms.put(makeVm(1, { hostId: first.id, vmm }));
      watch.answered(first, answer(makeVmm(7, { vm_id: idOf(1) })));
      expect(watch.observe(makeVm(1, { hostId: first.id, vmm })).kind).toBe('seen');
      expect(asked()).toEqual([{ id: idOf(1), vmm }]);
    });
  });
});
