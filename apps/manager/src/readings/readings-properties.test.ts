/** What holds for any guests and hosts, honest or not, in any order of turns. */
import {
  partSchema,
  readingSchema,
  type HostView,
  type Reading,
  type Sample,
} from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostObservation } from '../hosts/host-observation.ts';
import type { Turn } from '../pull/pull-result.ts';
import { MAX_COUNT } from '../rate/counter-rate.ts';
import { cpuOf, disk, filesystem, network, sample, START_MS } from '../testing/samples.ts';
import {
  HOST_ID,
  absent,
  blocks,
  firecrackerLine,
  qmp,
  seenAfter,
  tap,
  vcpus,
} from '../testing/vmms.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { failedTurn, makeSetup, vmRecord, type Setup } from '../testing/readings-setup.ts';

const INTERVAL_MS = 1000;

const hostileCount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 10_000 }) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 2 ** 66, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** 32, 2 ** 53 + 2, 2 ** 64, 1e308) },
  { weight: 1, arbitrary: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }) },
);
const deviceName = fc.constantFrom('eth0', 'eth1', 'lo', 'docker0', 'vda', 'vda1', 'dm-0', '');
const cpuTimes = fc.record({ user: hostileCount, idle: hostileCount, steal: hostileCount });

const samples: fc.Arbitrary<Sample> = fc
  .record({
    boot: fc.constantFrom(null, 'one', 'two'),
    identity: fc.constantFrom(null, 'vm-1'),
    takenAt: fc.integer({ min: 0, max: 2 ** 45 }),
    uptime: fc.option(hostileCount),
    total: fc.option(cpuTimes),
    cores: fc.array(cpuTimes, { maxLength: 3 }),
    memory: fc.option(fc.tuple(hostileCount, hostileCount, hostileCount)),
    networks: fc.option(
      fc.array(fc.tuple(deviceName, hostileCount, hostileCount), { maxLength: 4 }),
    ),
    disks: fc.option(fc.array(fc.tuple(deviceName, hostileCount, hostileCount), { maxLength: 4 })),
    space: fc.tuple(hostileCount, hostileCount, hostileCount),
    load: hostileCount,
  })
  .map(({ boot, identity, takenAt, uptime, total, cores, memory, networks, disks, space, load }) =>
    sample({
      boot_id: boot,
      vm_id: identity,
      taken_at: takenAt,
      uptime_seconds: uptime,
      cpu: total === null ? null : cpuOf(total, ...cores),
      memory:
        memory === null
          ? null
          : {
              total_bytes: memory[0],
              used_bytes: memory[1],
              available_bytes: memory[2],
              free_bytes: 0,
              buffers_bytes: memory[1],
              cached_bytes: memory[2],
              shared_bytes: null,
              slab_reclaimable_bytes: null,
              dirty_bytes: null,
              committed_bytes: null,
            },
      networks: networks?.map(([device, rx, tx]) => network(device, rx, tx)) ?? null,
      disks:
        disks?.map(([device, read, written]) =>
          disk(device, read, written, {
            reads_completed_total: written,
            read_seconds_total: read,
            io_seconds_total: read,
          }),
        ) ?? null,
      filesystems: [
        filesystem('/', {
          size_bytes: space[0],
          free_bytes: space[1],
          available_bytes: space[2],
        }),
      ],
      load: { load1: load, load5: load, load15: load },
    }),
  );

/** Mostly an honest guest, a second on, so that rates come about. */
type GuestStep =
  | { readonly kind: 'honest'; readonly counts: readonly number[] }
  | { readonly kind: 'hostile'; readonly sample: Sample }
  | { readonly kind: 'failed' | 'backing_off' | 'busy' };

const guestSteps: fc.Arbitrary<GuestStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('honest' as const),
      counts: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 4, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('hostile' as const), sample: samples }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('failed', 'backing_off', 'busy') }),
  },
);

const hostSteps = fc.record({
  kind: fc.constantFrom(
    'no_host',
    'pending',
    'unreachable',
    'gone',
    'never',
    'ambiguous',
    'seen',
    'seen',
    'seen',
  ),
  counts: fc.tuple(hostileCount, hostileCount, hostileCount, hostileCount),
  state: fc.constantFrom('running', 'running', 'stopped', 'zombie'),
  pid: fc.constantFrom(1, 1, 1, 2),
  source: fc.constantFrom('firecracker', 'tap', 'qmp', 'io', 'none'),
});

interface Step {
  readonly afterMs: number;
  readonly guest: GuestStep;
  readonly host: typeof hostSteps extends fc.Arbitrary<infer Value> ? Value : never;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(10, 900, 1000, 1000, 1000, 1100, 4000, 60_000),
    guest: guestSteps,
    host: hostSteps,
  }),
  { maxLength: 25 },
);

const observe = ({ host }: Step, ms: number): HostObservation => {
  const takenAt = START_MS + ms;
  const failure = { kind: 'timeout', message: 'silent' } as const;
  const [one, two, three, four] = host.counts;
  switch (host.kind) {
    case 'no_host':
      return { kind: 'no_host' };
    case 'pending':
      return { kind: 'pending', hostId: HOST_ID };
    case 'unreachable':
      return { kind: 'unreachable', hostId: HOST_ID, failure };
    case 'ambiguous':
      return { kind: 'ambiguous', hostId: HOST_ID, takenAt, count: 2 };
    case 'gone':
    case 'never': {
      const seenBefore = host.kind === 'gone';
      return { kind: 'no_vmm', hostId: HOST_ID, takenAt, seenBefore, message: undefined };
    }
    default:
      return seenAfter(ms, {
        pid: host.pid,
        state: host.state,
        vcpus: host.source === 'none' ? absent : vcpus(one, two),
        process: { ok: true, cpu_seconds_total: three, threads: 2 },
        network: host.source === 'tap' ? { ok: true, taps: [tap('tap0', one, two)] } : absent,
        firecracker: host.source === 'firecracker' ? firecrackerLine(ms, three, four) : absent,
        qmp: host.source === 'qmp' ? qmp(blocks(['drive0', three, four])) : absent,
        io:
          host.source === 'io'
            ? { ok: true, read_bytes_total: one, write_bytes_total: four }
            : absent,
      });
  }
};

interface Played {
  readonly reading: Reading;
  readonly step: Step;
  readonly sample: Sample | undefined;
}

/** Plays the steps of one VM; an honest guest's counters only grow, and its clock is right. */
const makePlayer = ({ readings, at }: Setup, vm: VmRecord) => {
  let ms = 0;
  const totals = [0, 0, 0, 0];
  const honest = (counts: readonly number[]): Sample => {
    counts.forEach((count, index) => {
      totals[index] = (totals[index] ?? 0) + count;
    });
    const [rx = 0, tx = 0, read = 0, written = 0] = totals;
    return sample({
      taken_at: START_MS + ms,
      uptime_seconds: 1000 + ms / 1000,
      cpu: cpuOf({ user: rx / 100, idle: tx / 100, steal: read / 100 }),
      networks: [network('eth0', rx, tx)],
      disks: [disk('vda', read, written)],
    });
  };
  return (step: Step): Played => {
    ms += step.afterMs;
    at(ms);
    const { guest } = step;
    let value: Sample | undefined;
    if (guest.kind === 'honest') value = honest(guest.counts);
    if (guest.kind === 'hostile') value = guest.sample;
    let turn: Turn<Sample>;
    if (value !== undefined) {
      const receivedAt = START_MS + ms;
      const receivedMonotonicMs = 50_000 + ms;
      const result = { ok: true, value, seconds: 0.01, receivedAt, receivedMonotonicMs } as const;
      turn = { kind: 'pulled', result };
    } else if (guest.kind === 'backing_off') turn = { kind: 'backing_off', restMs: 1000 };
    else if (guest.kind === 'busy') turn = { kind: 'busy' };
    else turn = failedTurn();
    const reading = readings.turn(vm, turn, observe(step, ms));
    if (reading === undefined) throw new Error('the VM is registered');
    return { reading, step, sample: value };
  };
};

const playAlone = (script: readonly Step[], vm = vmRecord(1)): readonly Played[] =>
  script.map(makePlayer(makeSetup(INTERVAL_MS, vm), vm));

const KEY_OF = {
  cpu: 'cpu_usage_percent',
  memory: 'memory_used_bytes',
  network: 'network_rx_bytes_per_second',
  disk: 'disk_read_bytes_per_second',
} as const;
const HOST_KEY_OF = { ...KEY_OF, memory: 'memory_rss_bytes' } as const;

const expectReasons = (
  of: Pick<Reading | HostView, 'origins' | 'reasons'>,
  valueOf: (part: keyof typeof KEY_OF) => number | null,
): void => {
  for (const part of partSchema.options) {
    const isKnown = valueOf(part) !== null;
    expect({ part, isKnown, origin: of.origins[part] !== null }).toEqual({
      part,
      isKnown,
      origin: isKnown,
    });
    expect({ part, reason: of.reasons[part] === null }).toEqual({ part, reason: isKnown });
  }
};

/** No sum of devices over the shortest time can be more; columns of the database hold it. */
const MOST = (MAX_COUNT / 0.05) * 8;

const expectPlausible = (value: unknown, path = ''): void => {
  if (typeof value === 'number') {
    expect(Number.isFinite(value), path).toBe(true);
    if (!path.endsWith('clock_offset_ms')) expect(value, path).toBeGreaterThanOrEqual(0);
    expect(value, path).toBeLessThanOrEqual(path.endsWith('percent') ? 100 : MOST);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) expectPlausible(each, `${path}.${key}`);
  }
};

const ORIGIN_OF_STATE = {
  up: 'guest',
  degraded: 'host',
  stale: 'none',
  down: 'none',
  unknown: 'none',
} as const;

describe('every reading', () => {
  it('is one: of the schema, plausible, each part with an origin or a reason', () => {
    fc.assert(
      fc.property(steps, (script) => {
        for (const { reading } of playAlone(script)) {
          expect(readingSchema.parse(reading)).toEqual(reading);
          expectPlausible(reading);
          expect(reading.origin).toBe(ORIGIN_OF_STATE[reading.state]);
          expectReasons(reading, (part) => reading[KEY_OF[part]]);
          const { host } = reading;
          if (host !== null) expectReasons(host, (part) => host[HOST_KEY_OF[part]]);
        }
      }),
    );
  });

  it('has the values of a part from one side as a whole', () => {
    fc.assert(
      fc.property(steps, (script) => {
        for (const { reading } of playAlone(script)) {
          const sides = new Set(
            Object.values(reading.origins).map((origin) =>
              origin === null || origin === 'guest' ? origin : 'host',
            ),
          );
          sides.delete(null);
          expect([[], [reading.origin]]).toContainEqual([...sides]);
          if (reading.origin === 'guest') continue;
          expect(reading).toMatchObject({ cores: null, networks: null, load1: null, top: null });
        }
      }),
    );
  });

  it('counts only what went by between two samples of the guest that follow one another', () => {
    fc.assert(
      fc.property(steps, (script) => {
        let before: Sample | undefined;
        let failures = 0;
        for (const { reading, step, sample: now } of playAlone(script)) {
          if (now === undefined) {
            failures += step.guest.kind === 'failed' ? 1 : 0;
            continue;
          }
          const rate = reading.networks?.[0]?.rx_bytes_per_second ?? null;
          const isNew = reading.origin === 'guest' && reading.age_ms === 0;
          if (isNew && rate !== null && step.guest.kind === 'honest' && before !== undefined) {
            const seconds = (now.taken_at - before.taken_at) / 1000;
            const rx = (of: Sample) => of.networks?.[0]?.receive_bytes_total ?? 0;
            expect(rate).toBeCloseTo((rx(now) - rx(before)) / seconds);
            expect(failures).toBeLessThan(2);
            expect(seconds).toBeLessThanOrEqual(15);
          }
          if (reading.age_ms === 0 || reading.origin !== 'guest') before = now;
          failures = 0;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is the same whatever other VMs do', () => {
    const other = vmRecord(2);
    fc.assert(
      fc.property(steps, steps, (script, otherScript) => {
        const vm = vmRecord(1);
        const setup = makeSetup(INTERVAL_MS, vm, other);
        const play = makePlayer(setup, vm);
        const playOther = makePlayer(setup, other);
        const together = script.map((step, index) => {
          const otherStep = otherScript[index];
          if (otherStep !== undefined) playOther(otherStep);
          return play(step).reading;
        });
        expect(together).toEqual(playAlone(script, vm).map(({ reading }) => reading));
      }),
      { numRuns: 50 },
    );
  });
});
