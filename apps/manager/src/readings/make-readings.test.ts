import { readingSchema, type Reading, type Sample } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { makeProcess } from '../../../../test/support/store-process.ts';
import { cpuOf, disk, network, sampleAfter, START_MS } from '../testing/samples.ts';
import { HOST_ID, blocks, qmp, seenAfter, tap, vcpus } from '../testing/vmms.ts';
import { failedTurn, makeSetup, NO_HOST, vmRecord } from '../testing/readings-setup.ts';

const vm = vmRecord(1);

/** A busy guest: half of its CPU, 100 B/s in, 10 B/s to disk. */
const guestAfter = (second: number, more = {}) =>
  sampleAfter(second * 1000, {
    cpu: cpuOf({ user: 10 + second / 2, idle: 90 + second / 2 }),
    networks: [network('eth0', second * 100, second * 10)],
    disks: [disk('vda', 0, second * 10)],
    ...more,
  });

/** The same as its host sees it: 60 % of two vCPUs, 110 B/s in. */
const hostAfter = (second: number) =>
  seenAfter(second * 1000, {
    vcpus: vcpus(5 + second * 0.6, 5 + second * 0.6),
    network: { ok: true, taps: [tap('tap0', second * 110, second * 11)] },
    qmp: qmp(blocks(['drive0', second * 5, second * 12])),
  });

const short = (reading: Reading | undefined) =>
  reading && {
    state: reading.state,
    origin: reading.origin,
    reason: reading.reason,
    age: reading.age_ms,
    cpu: reading.cpu_usage_percent === null ? null : Math.round(reading.cpu_usage_percent),
    cpuFrom: reading.origins.cpu ?? reading.reasons.cpu,
    memory: reading.memory_usage_percent,
    rx:
      reading.network_rx_bytes_per_second === null
        ? null
        : Math.round(reading.network_rx_bytes_per_second),
    rxFrom: reading.origins.network ?? reading.reasons.network,
    host:
      reading.host?.cpu_usage_percent === null
        ? null
        : Math.round(reading.host?.cpu_usage_percent ?? -1),
  };

describe('the list of the busiest processes', () => {
  it('has the moment at which the guest made it, for as long as it is shown', () => {
    const { readings, at, good } = makeSetup(1000, vm);
    const list = [makeProcess()];
    const seen = (second: number, top: Sample['processes']['top'], scannedAfterMs: number) => {
      at(second * 1000);
      const scanned_at = START_MS + scannedAfterMs;
      const processes = { total: 9, running: 1, blocked: 0, scanned_at, top };
      const reading = good(vm, guestAfter(second, { processes }), hostAfter(second));
      return [reading?.top, reading?.top_at];
    };
    const first = [list, START_MS - 4_000];
    expect(seen(0, list, -4_000)).toEqual(first);
    // Counted again, but the list was not sent.
    expect(seen(1, list, 600)).toEqual(first);
    const next = [makeProcess({ pid: 7 })];
    expect(seen(2, next, 1_500)).toEqual([next, START_MS + 1_500]);
    expect(seen(2.001, [makeProcess()], 2_000)).toEqual([next, START_MS + 1_500]);
    for (const second of [3, 4, 5]) {
      at(second * 1000);
      readings.turn(vm, failedTurn('unreachable'), hostAfter(second));
    }
    expect(readings.latest(vm)).toMatchObject({ origin: 'host', top: null, top_at: null });
  });
});

describe('a VM whose agent dies and comes back', () => {
  it('shows the guest, then for one failure the guest ageing, then the host, then the guest', () => {
    const { readings, at, good } = makeSetup(1000, vm);
    const turns: ReturnType<typeof short>[] = [];
    const alive = (second: number) => {
      at(second * 1000);
      turns.push(short(good(vm, guestAfter(second), hostAfter(second))));
    };
    const dead = (second: number) => {
      at(second * 1000);
      turns.push(short(readings.turn(vm, failedTurn('unreachable'), hostAfter(second))));
    };
    [0, 1, 2].forEach(alive);
    [3, 4, 5].forEach(dead);
    [6, 7].forEach(alive);
    const guest = { state: 'up', origin: 'guest', reason: null, age: 0, memory: 25, host: 60 };
    const host = { ...guest, state: 'degraded', origin: 'host', reason: 'unreachable' };
    const fromGuest = { cpu: 50, cpuFrom: 'guest', rx: 100, rxFrom: 'guest' };
    const fromHost = { cpu: 60, cpuFrom: 'vmm', rx: 110, rxFrom: 'tap', memory: 60 };
    const first = { cpu: null, cpuFrom: 'first_sample', rx: null, rxFrom: 'first_sample' };
    expect(turns).toEqual([
      { ...guest, ...first, host: null },
      { ...guest, ...fromGuest },
      { ...guest, ...fromGuest },
      { ...guest, ...fromGuest, age: 1000 },
      { ...host, ...fromHost },
      { ...host, ...fromHost },
      // One answer gives no rate, so the host goes on.
      { ...host, ...fromHost },
      { ...guest, ...fromGuest },
    ]);
  });

  it('tells of it in events, each change once', () => {
    const { readings, events, at, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0), hostAfter(0));
    for (const second of [1, 2, 3]) {
      at(second * 1000);
      readings.turn(vm, failedTurn('unreachable', 'x'.repeat(2000)), hostAfter(second));
    }
    for (const second of [4, 5, 6]) {
      at(second * 1000);
      good(vm, guestAfter(second, { boot_id: 'another' }), hostAfter(second));
    }
    expect(
      events.map(({ kind, at: when, detail }) => [
        kind,
        when - START_MS,
        detail['from'],
        detail['to'],
      ]),
    ).toEqual([
      ['state_changed', 0, 'unknown', 'up'],
      ['origin_changed', 0, 'none', 'guest'],
      ['state_changed', 2000, 'up', 'degraded'],
      ['origin_changed', 2000, 'guest', 'host'],
      ['rebooted', 4000, '11111111-1111-4111-8111-111111111111', 'another'],
      ['state_changed', 5000, 'degraded', 'up'],
      ['origin_changed', 5000, 'host', 'guest'],
    ]);
    expect(events[2]?.detail).toMatchObject({ reason: 'unreachable', message: 'x'.repeat(512) });
  });

  it('never divides across the silence', () => {
    const { readings, at, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0));
    for (const second of [1, 2]) {
      at(second * 1000);
      readings.turn(vm, failedTurn(), NO_HOST);
    }
    at(3000);
    good(vm, guestAfter(3, { networks: [network('eth0', 9e12, 0)] }));
    at(4000);
    const networks = [network('eth0', 9e12 + 7, 0)];
    expect(good(vm, guestAfter(4, { networks }))?.network_rx_bytes_per_second).toBe(7);
  });

  it('has nothing, with reasons, where no host can say more', () => {
    const { readings, at, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0));
    for (const second of [1, 2]) {
      at(second * 1000);
      readings.turn(vm, failedTurn('wrong_identity', 'somebody else'), NO_HOST);
    }
    const reading = readings.latest(vm);
    expect(reading).toMatchObject({
      state: 'stale',
      origin: 'none',
      reason: 'wrong_identity',
      message: 'somebody else',
      reasons: { cpu: 'wrong_identity', memory: 'wrong_identity' },
      identity: 'unverified',
      agent_seen_at: START_MS,
      boot_id: '11111111-1111-4111-8111-111111111111',
      uptime_seconds: null,
      cpu_usage_percent: null,
      memory_usage_percent: null,
      filesystems: null,
      host: null,
    });
    expect(readings.latest(vm)).toMatchObject({ next_pull_at: null });
    readings.turn(vm, { kind: 'backing_off', restMs: 4000 }, NO_HOST);
    expect(readings.latest(vm)).toMatchObject({ reason: 'wrong_identity', pull_seconds: null });
    expect(readings.latest(vm).next_pull_at).toBe(readings.latest(vm).taken_at + 4000);
  });

  it('is down when its VMM has ended, which the host shows too', () => {
    const { readings, at } = makeSetup(1000, vm);
    readings.turn(vm, failedTurn(), hostAfter(0));
    for (const second of [1, 2]) {
      at(second * 1000);
      const takenAt = START_MS + second * 1000;
      const gone = { kind: 'no_vmm', hostId: HOST_ID, takenAt, seenBefore: true } as const;
      readings.turn(vm, failedTurn(), { ...gone, message: undefined });
    }
    expect(readings.latest(vm)).toMatchObject({
      state: 'down',
      origin: 'none',
      reason: 'timeout',
      reasons: { cpu: 'no_vmm', disk: 'no_vmm' },
      host: { vmm_state: 'gone', taken_at: START_MS + 2000, cpu_usage_percent: null },
    });
  });
});

describe('the latest reading', () => {
  it('of a VM that was never heard of is unknown, and says why', () => {
    const nowhere = vmRecord(2, { guestIp: undefined });
    const { readings } = makeSetup(1000, vm, nowhere);
    expect(readingSchema.parse(readings.latest(vm))).toMatchObject({
      state: 'unknown',
      origin: 'none',
      reason: null,
      reasons: { cpu: 'pending', memory: 'pending', network: 'pending', disk: 'pending' },
      agent_seen_at: null,
    });
    expect(readingSchema.parse(readings.latest(nowhere))).toMatchObject({
      reason: 'no_guest_ip',
      reasons: { cpu: 'no_guest_ip' },
    });
  });

  it('grows older until the next turn', () => {
    const { readings, at, good } = makeSetup(1000, vm);
    const made = good(vm, guestAfter(0));
    expect(readings.latest(vm)).toBe(made);
    at(700);
    expect(readings.latest(vm)).toEqual({ ...made, age_ms: 700 });
  });

  it('knows whether the agent has said who it is, and its clock', () => {
    const { at, good } = makeSetup(1000, vm);
    expect(good(vm, guestAfter(0))).toMatchObject({ identity: 'unverified', clock_offset_ms: 5 });
    at(1000);
    const ahead = guestAfter(1, { vm_id: vm.id, taken_at: START_MS + 61_000 });
    expect(good(vm, ahead)).toMatchObject({ identity: 'verified', clock_offset_ms: 60_005 });
  });
});

it('a guest that no longer says which boot it is keeps the one that it has said', () => {
  const { events, at, good } = makeSetup(1000, vm);
  good(vm, guestAfter(0, { boot_id: 'one' }));
  at(1000);
  expect(good(vm, guestAfter(1, { boot_id: null }))).toMatchObject({
    boot_id: 'one',
    cpu_usage_percent: 50,
  });
  at(2000);
  good(vm, guestAfter(2, { boot_id: 'two' }));
  expect(events.map(({ kind }) => kind)).toEqual(['state_changed', 'origin_changed', 'rebooted']);
});

it('guests with the same boot id, cloned from one image, are not compared to each other', () => {
  const clone = vmRecord(2);
  const { at, good } = makeSetup(1000, vm, clone);
  good(vm, guestAfter(0));
  at(1000);
  expect(good(clone, guestAfter(1))).toMatchObject({ reasons: { network: 'first_sample' } });
  expect(good(vm, guestAfter(1))).toMatchObject({ network_rx_bytes_per_second: 100 });
});

it('a guest that sends its last sample again has no rates, and no zeros', () => {
  const { at, good } = makeSetup(1000, vm);
  good(vm, guestAfter(0));
  at(1000);
  good(vm, guestAfter(1));
  at(2000);
  expect(good(vm, guestAfter(1))).toMatchObject({
    cpu_usage_percent: null,
    network_rx_bytes_per_second: null,
    reasons: { cpu: 'clock_jump', network: 'clock_jump', disk: 'clock_jump' },
  });
});

it('an answer right after the one before keeps the values of that one', () => {
  const { at, good } = makeSetup(1000, vm);
  good(vm, guestAfter(0));
  at(1000);
  good(vm, guestAfter(1));
  at(1020);
  expect(good(vm, guestAfter(1.02))).toMatchObject({
    taken_at: START_MS + 1000,
    age_ms: 20,
    network_rx_bytes_per_second: 100,
  });
});

describe('the registry', () => {
  const moved = { ...vm, guestIp: '10.0.0.99' };

  it('forgets a VM that is removed, and a turn that comes after it', () => {
    const { readings, heard, change, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0));
    change({ kind: 'removed', vm });
    expect(good(vm, guestAfter(1))).toBeUndefined();
    expect(heard).toHaveLength(1);
    expect(readings.stats()).toMatchObject({ turnsIgnoredTotal: 1, states: { up: 0, unknown: 0 } });
    expect(readings.latest(vm)).toMatchObject({ state: 'unknown', agent_seen_at: null });
  });

  it('forgets the guest of another address, and does not take its late answer', () => {
    const { readings, at, change, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0));
    change({ kind: 'changed', vm: moved, before: vm });
    expect(readings.latest(moved)).toMatchObject({
      state: 'stale',
      cpu_count: null,
      identity: null,
    });
    at(1000);
    expect(good(vm, guestAfter(1))).toBeUndefined();
    const networks = [network('eth0', 9e12, 9e12)];
    expect(good(moved, guestAfter(1, { networks }))).toMatchObject({
      state: 'up',
      network_rx_bytes_per_second: null,
      reasons: { cpu: 'first_sample', network: 'first_sample', disk: 'first_sample' },
    });
  });

  it('keeps the guest and forgets the host when the VM is found elsewhere', () => {
    const { readings, at, change, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0), hostAfter(0));
    const elsewhere = { ...vm, hostId: HOST_ID };
    change({ kind: 'changed', vm: elsewhere, before: vm });
    expect(readings.latest(elsewhere)).toMatchObject({ state: 'up', host: null });
    at(1000);
    expect(good(elsewhere, guestAfter(1), hostAfter(1))).toMatchObject({
      cpu_usage_percent: 50,
      host: { cpu_usage_percent: null, reasons: { cpu: 'first_sample' } },
    });
  });

  it('loses nothing to a new name or label', () => {
    const { at, change, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0));
    const named = { ...vm, name: 'other', labels: { env: 'prod' } };
    change({ kind: 'changed', vm: named, before: vm });
    at(1000);
    expect(good(named, guestAfter(1))).toMatchObject({ cpu_usage_percent: 50 });
  });

  it('is no longer listened to after the end', async () => {
    const { readings, change, good } = makeSetup(1000, vm);
    good(vm, guestAfter(0));
    await readings.stop();
    change({ kind: 'changed', vm: moved, before: vm });
    expect(readings.latest(moved).state).toBe('up');
  });
});

describe('a restart of the manager', () => {
  const row = {
    vmKey: 1,
    agentSeenAt: START_MS - 5000,
    bootId: 'the boot before',
    state: 'up',
    origin: 'guest',
  } as const;

  it('keeps when the agent was seen, and makes no event of what has not changed', () => {
    const { readings, events, at, good } = makeSetup(1000, vm);
    readings.restore([row, { ...row, vmKey: 77 }]);
    expect(readings.latest(vm)).toMatchObject({
      state: 'stale',
      agent_seen_at: START_MS - 5000,
      boot_id: 'the boot before',
    });
    readings.turn(vm, failedTurn(), NO_HOST);
    at(1000);
    good(vm, guestAfter(1, { boot_id: 'the boot before' }));
    expect(events).toEqual([]);
    expect(readings.stats().states).toMatchObject({ up: 1, unknown: 0 });
  });

  it('tells of a guest that has started anew, or is silent now', () => {
    const { readings, events, at, good } = makeSetup(1000, vm);
    readings.restore([row]);
    good(vm, guestAfter(0));
    expect(events.map(({ kind }) => kind)).toEqual(['rebooted']);
    for (const second of [1, 2]) {
      at(second * 1000);
      readings.turn(vm, failedTurn(), NO_HOST);
    }
    expect(events[1]).toMatchObject({ kind: 'state_changed', detail: { from: 'up', to: 'stale' } });
  });
});

describe('listeners', () => {
  it('hear of each turn, also when another one throws; it is logged, but not each time', () => {
    const { readings, heard, events, logged, good } = makeSetup(1000, vm);
    const broken = (): never => {
      throw new Error('broken');
    };
    readings.onReading(broken);
    readings.onEvent(broken);
    const seen: string[] = [];
    const end = readings.onReading((of, reading) => seen.push(`${of.name} ${reading.state}`));
    good(vm, guestAfter(0));
    good(vm, guestAfter(0));
    end();
    good(vm, guestAfter(0));
    expect(seen).toEqual(['vm-1 up', 'vm-1 up']);
    expect([heard.length, events.length]).toEqual([3, 2]);
    expect(logged).toEqual(['a listener has thrown', 'a listener has thrown']);
    expect(readings.stats()).toMatchObject({ readingsTotal: 3, listenerFailuresTotal: 5 });
  });

  it('hear of at most 60 events of a VM in an hour; the rest is counted', () => {
    const { readings, events, at, good } = makeSetup(1000, vm);
    const flap = (second: number) => {
      at(second * 1000);
      good(vm, guestAfter(second, { boot_id: `boot ${second}` }));
    };
    for (let second = 0; second < 200; second += 1) flap(second);
    expect(events).toHaveLength(60);
    expect(readings.stats()).toMatchObject({ eventsTotal: 60, eventsDroppedTotal: 141 });
    flap(3600);
    expect(events).toHaveLength(61);
  });
});

it('VMs are counted by state and origin', () => {
  const vms = [1, 2, 3, 4].map((number) => vmRecord(number));
  const { readings, at, good } = makeSetup(1000, ...vms);
  const [first, second, third] = vms;
  if (first === undefined || second === undefined || third === undefined) throw new Error('4 VMs');
  for (const time of [0, 1000]) {
    at(time);
    good(first, guestAfter(time / 1000));
    readings.turn(second, failedTurn(), hostAfter(time / 1000));
    readings.turn(third, failedTurn(), NO_HOST);
  }
  expect(readings.stats()).toMatchObject({
    states: { up: 1, degraded: 1, stale: 0, down: 0, unknown: 2 },
    origins: { guest: 1, host: 1, none: 2 },
  });
});
