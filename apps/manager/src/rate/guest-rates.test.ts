import type { Sample } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { guestRates, type GuestView } from './guest-rates.ts';
import {
  arrived,
  cpuOf,
  disk,
  filesystem,
  network,
  sample,
  sampleAfter,
} from '../testing/samples.ts';

/** One second apart. */
const rates = (before: Partial<Sample>, now: Partial<Sample>): GuestView => {
  const view = guestRates(
    arrived(sampleAfter(0, before), 0),
    arrived(sampleAfter(1000, now), 1000),
    1000,
  );
  if (view === 'too_soon') throw new Error('a second is not too soon');
  return view;
};

const cpu = (before: Sample['cpu'], now: Sample['cpu']) => rates({ cpu: before }, { cpu: now }).cpu;
const net = (before: Sample['networks'], now: Sample['networks']) =>
  rates({ networks: before }, { networks: now }).network;
const disks = (before: Sample['disks'], now: Sample['disks']) =>
  rates({ disks: before }, { disks: now }).disk;

describe('CPU', () => {
  it('is shared out by mode; idle and iowait are idle, steal is busy', () => {
    const before = cpuOf({ user: 10, nice: 1, system: 5, idle: 100, iowait: 2, steal: 3 });
    const now = cpuOf({
      user: 10.2,
      nice: 1.1,
      system: 5.1,
      irq: 0.05,
      softirq: 0.05,
      idle: 100.2,
      iowait: 2.2,
      steal: 3.1,
      // Part of user already.
      guest: 50,
    });
    const view = cpu(before, now);
    expect(view.reason).toBeNull();
    expect(view.cpu_usage_percent).toBeCloseTo(60);
    expect(view.cpu_user_percent).toBeCloseTo(30);
    expect(view.cpu_system_percent).toBeCloseTo(20);
    expect(view.cpu_iowait_percent).toBeCloseTo(20);
    expect(view.cpu_steal_percent).toBeCloseTo(10);
  });

  it('is right after a year of 128 CPUs, and beyond 2^32 ticks', () => {
    const base = 128 * 365 * 86_400;
    const view = cpu(
      cpuOf({ user: base, idle: base }),
      cpuOf({ user: base + 64, idle: base + 64 }),
    );
    expect(view.cpu_usage_percent).toBeCloseTo(50);
  });

  it('takes an iowait that goes back a little for one that stands still', () => {
    const view = cpu(
      cpuOf({ user: 10, idle: 100, iowait: 5 }),
      cpuOf({ user: 10.5, idle: 100.5, iowait: 4.9 }),
    );
    expect(view.cpu_usage_percent).toBeCloseTo(50);
    expect(view.cpu_iowait_percent).toBe(0);
  });

  it('does not know steal where the kernel does not count it', () => {
    const old = { ...cpuOf({ user: 1, idle: 1 }) };
    const seconds = { ...old.seconds, steal: null };
    const later = { ...seconds, user: 1.5, idle: 1.5 };
    const view = cpu({ ...old, seconds }, { ...old, seconds: later });
    expect(view).toMatchObject({ cpu_usage_percent: 50, cpu_steal_percent: null });
  });

  it.each([
    ['counter_reset', cpuOf({ user: 50, idle: 50 }), cpuOf({ user: 1, idle: 1 })],
    ['clock_jump', cpuOf({ user: 50 }), cpuOf({ user: 50 })],
    ['malformed', cpuOf({ user: 1 }), cpuOf({ user: 1e308, system: 1e308, idle: 1e308 })],
    ['first_sample', null, cpuOf({ user: 1 })],
    ['not_reported', cpuOf({ user: 1 }), null],
  ])('is unknown for the reason %s', (reason, before, now) => {
    expect(cpu(before, now)).toMatchObject({
      reason,
      cpu_usage_percent: null,
      cpu_user_percent: null,
      cpu_system_percent: null,
      cpu_iowait_percent: null,
      cpu_steal_percent: null,
    });
  });

  it('knows each core, also when one was plugged in and the others have moved', () => {
    const before = cpuOf({ user: 1, idle: 1 }, { user: 1, idle: 0 }, { user: 0, idle: 1 });
    const [first, second] = cpuOf({}, { user: 2, idle: 0 }, { user: 0, idle: 2 }).cores;
    if (first === undefined || second === undefined) throw new Error('two cores');
    const now = {
      ...cpuOf({ user: 3, idle: 3 }),
      count: 3,
      cores: [{ ...first, cpu: 7 }, first, second],
    };
    expect(cpu(before, now)).toMatchObject({
      cpu_count: 3,
      cores: [
        { cpu: 7, usage_percent: null },
        { cpu: 0, usage_percent: 100 },
        { cpu: 1, usage_percent: 0 },
      ],
    });
  });
});

describe('network', () => {
  it('adds up what goes outside, and lists all', () => {
    const view = net(
      [network('lo', 0, 0), network('eth0', 100, 10), network('docker0', 0, 0)],
      [network('lo', 9e9, 9e9), network('eth0', 300, 40), network('docker0', 9e9, 9e9)],
    );
    expect(view).toMatchObject({
      reason: null,
      network_rx_bytes_per_second: 200,
      network_tx_bytes_per_second: 30,
      network_problems_per_second: 0,
    });
    expect(view.networks?.map(({ device }) => device)).toEqual(['lo', 'eth0', 'docker0']);
    expect(view.networks?.[0]?.rx_bytes_per_second).toBe(9e9);
  });

  it('counts a bond by its members', () => {
    const before = [network('bond0', 0, 0), network('eno1', 0, 0), network('eno2', 0, 0)];
    const now = [network('bond0', 30, 3), network('eno1', 10, 1), network('eno2', 20, 2)];
    expect(net(before, now).network_rx_bytes_per_second).toBe(30);
  });

  it('counts errors and drops of both directions', () => {
    const now = network('eth0', 0, 0, {
      receive_errs_total: 1,
      receive_drop_total: 2,
      transmit_errs_total: 3,
      transmit_drop_total: 4,
    });
    expect(net([network('eth0', 0, 0)], [now]).network_problems_per_second).toBe(10);
  });

  it('shows no spike and no hole when an interface is plugged in or out', () => {
    const one = network('eth0', 100, 100);
    const later = network('eth0', 150, 150);
    const other = network('eth1', 5e12, 5e12);
    expect(net([one], [other, later])).toMatchObject({ network_rx_bytes_per_second: 50 });
    expect(net([other, one], [later])).toMatchObject({ network_rx_bytes_per_second: 50 });
  });

  it('leaves out of the sum an interface that started to count anew', () => {
    const view = net(
      [network('eth0', 9000, 9000), network('eth1', 0, 0)],
      [network('eth0', 10, 10), network('eth1', 7, 8)],
    );
    expect(view).toMatchObject({ reason: null, network_rx_bytes_per_second: 7 });
    expect(view.networks?.[0]?.rx_bytes_per_second).toBeNull();
  });

  it.each([
    ['counter_reset', [network('eth0', 9, 9)], [network('eth0', 1, 1)]],
    ['first_sample', [network('lo', 9, 9)], [network('eth0', 1, 1)]],
    ['absent', [network('lo', 1, 1)], [network('lo', 9, 9)]],
    ['malformed', [network('eth0', 1, 1)], [network('eth0', 1e308, 9)]],
    ['not_reported', [network('eth0', 1, 1)], null],
    ['first_sample', null, [network('eth0', 1, 1)]],
  ])('is unknown for the reason %s', (reason, before, now) => {
    expect(net(before, now)).toMatchObject({
      reason,
      network_rx_bytes_per_second: null,
      network_tx_bytes_per_second: null,
      network_problems_per_second: null,
    });
  });

  it('finds each of the most devices that a sample may have, in any order, at once', () => {
    const before = Array.from({ length: 8192 }, (_, index) => network(`eth${index}`, 0, 0));
    const now = before.toReversed().map(({ device }) => network(device, 1, 0));
    expect(net(before, now).network_rx_bytes_per_second).toBe(8192);
  });
});

describe('disk', () => {
  it('adds up whole disks, not what lies on or in them', () => {
    const zero = ['vda', 'vda1', 'dm-0', 'loop0', 'vdb'].map((device) => disk(device, 0, 0));
    const now = zero.map(({ device }) => disk(device, 100, 10));
    expect(disks(zero, now)).toMatchObject({
      reason: null,
      disk_read_bytes_per_second: 200,
      disk_write_bytes_per_second: 20,
    });
  });

  it('knows the busiest disk, requests, and how long they took', () => {
    const view = disks(
      [disk('vda', 0, 0), disk('vdb', 0, 0)],
      [
        disk('vda', 0, 0, {
          io_seconds_total: 0.25,
          reads_completed_total: 10,
          read_seconds_total: 0.5,
        }),
        disk('vdb', 0, 0, {
          io_seconds_total: 1.2,
          reads_completed_total: 30,
          read_seconds_total: 0.3,
        }),
      ],
    );
    expect(view).toMatchObject({
      disk_busy_percent: 100,
      disk_reads_per_second: 40,
      disk_writes_per_second: 0,
      disk_write_await_seconds: null,
    });
    expect(view.disk_read_await_seconds).toBeCloseTo(0.02);
    expect(view.disks?.[0]?.busy_percent).toBeCloseTo(25);
  });

  it('keeps the traffic when a small counter wraps', () => {
    const view = disks(
      [disk('vda', 0, 0, { io_seconds_total: 4_294_967 })],
      [disk('vda', 100, 0, { io_seconds_total: 0.1 })],
    );
    expect(view).toMatchObject({
      reason: null,
      disk_read_bytes_per_second: 100,
      disk_busy_percent: null,
    });
  });

  it('shows no spike when a disk is plugged in', () => {
    const view = disks([disk('vda', 5, 5)], [disk('vda', 6, 6), disk('vdb', 9e15, 9e15)]);
    expect(view).toMatchObject({ disk_read_bytes_per_second: 1, disk_write_bytes_per_second: 1 });
    expect(view.disks?.[1]).toMatchObject({ device: 'vdb', read_bytes_per_second: null });
  });

  it('divides by no part of a request', () => {
    const now = disk('vda', 0, 0, { reads_completed_total: 1e-300, read_seconds_total: 1e18 });
    expect(disks([disk('vda', 0, 0)], [now]).disk_read_await_seconds).toBeNull();
  });
});

describe('gauges', () => {
  it('need no sample before', () => {
    const view = guestRates(undefined, arrived(sample(), 0), 1000);
    expect(view).toMatchObject({
      cpu: { reason: 'first_sample', cpu_count: 1 },
      memory: {
        reason: null,
        memory_usage_percent: 25,
        memory_used_bytes: 250,
        memory_total_bytes: 1000,
        memory_available_bytes: 750,
        memory_cached_bytes: 130,
      },
      network: { reason: 'first_sample', networks: [{ device: 'lo' }, { device: 'eth0' }] },
      disk: { reason: 'first_sample', disks: [{ device: 'vda', busy_percent: null }] },
      system: {
        uptime_seconds: 1000,
        swap_used_bytes: 40,
        load1: 0.5,
        pressure_cpu_percent: 3,
        pressure_memory_percent: 0,
        pressure_io_percent: null,
        process_count: 90,
        processes_running: 2,
        processes_blocked: 1,
      },
    });
  });

  it('of filesystems are as df counts them, and the fullest that can be written to leads', () => {
    const { system } = rates(
      {},
      {
        filesystems: [
          filesystem('/'),
          filesystem('/iso', { readonly: true, free_bytes: 0, available_bytes: 0 }),
          filesystem('/dead', { size_bytes: null, free_bytes: null, available_bytes: null }),
          filesystem('/odd', { size_bytes: 5, free_bytes: 1e300, available_bytes: 1e300 }),
        ],
      },
    );
    expect(system.filesystems?.map(({ usage_percent: usage }) => usage)).toEqual([
      (40_000 / 90_000) * 100,
      100,
      null,
      null,
    ]);
    expect(system.filesystem_usage_percent).toBeCloseTo(44.4444);
  });

  it.each([
    ['not_reported', null],
    ['malformed', { total_bytes: 1e300, used_bytes: 1e299 }],
    ['not_reported', { total_bytes: 0, used_bytes: 0 }],
  ])('of memory are unknown for the reason %s', (reason, more) => {
    const memory = more === null ? null : { ...sample().memory, ...more };
    const view = rates({}, { memory: memory === null ? null : withMemory(memory) });
    expect(view.memory).toMatchObject({
      reason,
      memory_usage_percent: null,
      memory_used_bytes: null,
    });
  });
});

type Memory = NonNullable<Sample['memory']>;
const withMemory = (more: Partial<Memory>): Memory => {
  const { memory } = sample();
  if (memory === null) throw new Error('the sample of tests has memory');
  return { ...memory, ...more };
};

describe('a guest that started anew, slept or is not believed', () => {
  it.each([
    ['rebooted', sampleAfter(1000, { boot_id: 'other' })],
    ['rebooted', sampleAfter(1000, { uptime_seconds: 1 })],
    ['clock_jump', sampleAfter(0)],
    ['clock_jump', sampleAfter(9000)],
  ])('keeps its gauges and has no rates: %s', (reason, now) => {
    expect(guestRates(arrived(sampleAfter(0), 0), arrived(now, 1000), 1000)).toMatchObject({
      cpu: { reason, cpu_usage_percent: null },
      network: { reason, network_rx_bytes_per_second: null },
      disk: { reason, disk_read_bytes_per_second: null },
      memory: { reason: null, memory_usage_percent: 25 },
    });
  });

  it('shows what went by while it slept, if its own clock went on', () => {
    const view = guestRates(
      arrived(sampleAfter(0, { networks: [network('eth0', 0, 0)] }), 0),
      arrived(sampleAfter(10_000, { networks: [network('eth0', 1000, 0)] }), 10_000),
      1000,
    );
    expect(view).toMatchObject({ network: { network_rx_bytes_per_second: 100 } });
  });

  it('keeps what it has when the next answer comes too soon', () => {
    const view = guestRates(arrived(sampleAfter(0), 0), arrived(sampleAfter(10), 10), 1000);
    expect(view).toBe('too_soon');
  });
});
