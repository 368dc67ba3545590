import { hostViewSchema, type HostView, type VmmProcess } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import {
  HOST_ID,
  absent,
  blocks,
  firecrackerLine,
  qmp,
  seenAfter,
  tap,
  taps,
  vcpus,
} from '../testing/vmms.ts';
import { START_MS } from '../testing/samples.ts';
import { vmmRates, type VmmHistory } from './vmm-rates.ts';

const INTERVAL_MS = 1000;

/** The views of answers one second apart. */
const views = (...answers: readonly Partial<VmmProcess>[]): HostView[] => {
  let history: VmmHistory | undefined;
  return answers.map((more, index) => {
    history = vmmRates(history, seenAfter(index * 1000, more), INTERVAL_MS);
    return hostViewSchema.parse(history.view);
  });
};
const last = (...answers: readonly Partial<VmmProcess>[]): HostView => {
  const view = views(...answers).at(-1);
  if (view === undefined) throw new Error('at least one answer');
  return view;
};

describe('the first answer of a host', () => {
  it('has gauges and no rates', () => {
    expect(last({})).toMatchObject({
      host_id: HOST_ID,
      taken_at: START_MS,
      vmm_state: 'running',
      pid: 4711,
      vcpu_count: 2,
      cpu_usage_percent: null,
      process_cpus: null,
      memory_usage_percent: 60,
      memory_rss_bytes: 600,
      memory_pss_bytes: 550,
      memory_configured_bytes: 1000,
      origins: { cpu: null, memory: 'vmm', network: null, disk: null },
      reasons: {
        cpu: 'first_sample',
        memory: null,
        network: 'first_sample',
        disk: 'first_sample',
      },
    });
  });
});

describe('CPU', () => {
  it('is the time of the vCPU threads over their number', () => {
    const process = { ok: true, cpu_seconds_total: 21.4, threads: 6 } as const;
    expect(last({}, { vcpus: vcpus(5.5, 5.5), process })).toMatchObject({
      cpu_usage_percent: 50,
      origins: { cpu: 'vmm' },
      reasons: { cpu: null },
    });
    expect(last({}, { process }).process_cpus).toBeCloseTo(1.4);
  });

  it('has no spike when a vCPU is plugged in', () => {
    const view = last({}, { vcpus: vcpus(5.5, 5.5, 900) });
    expect(view).toMatchObject({ vcpu_count: 3, cpu_usage_percent: 50 });
  });

  it('is at most all of it', () => {
    expect(last({}, { vcpus: vcpus(9, 9) }).cpu_usage_percent).toBe(100);
  });

  it('is unknown without the threads, for nobody knows how many vCPUs there are', () => {
    const view = last({ vcpus: absent }, { vcpus: absent });
    expect(view).toMatchObject({
      cpu_usage_percent: null,
      vcpu_count: null,
      process_cpus: 0,
      reasons: { cpu: 'absent' },
    });
  });

  it('that went back is a counter that was reset', () => {
    expect(last({}, { vcpus: vcpus(1, 1) }).reasons.cpu).toBe('counter_reset');
  });
});

describe('network', () => {
  it('is the taps, turned to the side of the guest', () => {
    const network = taps(tap('tap0', 1500, 2100));
    expect(last({}, { network })).toMatchObject({
      network_rx_bytes_per_second: 500,
      network_tx_bytes_per_second: 100,
      origins: { network: 'tap' },
    });
  });

  it('is what Firecracker says, where it says something', () => {
    const view = last(
      { firecracker: firecrackerLine(0, 100, 10) },
      { firecracker: firecrackerLine(2000, 300, 30) },
    );
    expect(view).toMatchObject({
      // By the times of the lines, which are two seconds apart.
      network_rx_bytes_per_second: 100,
      network_tx_bytes_per_second: 200,
      disk_read_bytes_per_second: 10,
      disk_write_bytes_per_second: 20,
      origins: { network: 'firecracker', disk: 'firecracker' },
    });
  });

  it('has no spike when a tap is plugged in', () => {
    const network = taps(tap('tap1', 9e12, 9e12), tap('tap0', 1001, 2001));
    expect(last({}, { network }).network_rx_bytes_per_second).toBe(1);
  });

  it.each([
    ['absent', { network: taps() }],
    ['forbidden', { network: { ...absent, reason: 'forbidden' } as const }],
    ['pending', { network: absent, firecracker: { ...absent, reason: 'pending' } as const }],
    ['counter_reset', { network: taps(tap('tap0', 1, 1)) }],
  ])('is unknown for the reason %s', (reason, now) => {
    expect(last({}, now)).toMatchObject({
      network_rx_bytes_per_second: null,
      network_tx_bytes_per_second: null,
      origins: { network: null },
      reasons: { network: reason },
    });
  });
});

describe('disk', () => {
  it('is what QMP says of its disks', () => {
    const view = last(
      { qmp: qmp(blocks(['drive0', 0, 0])) },
      { qmp: qmp(blocks(['drive0', 100, 200], ['drive1', 9e12, 9e12])) },
    );
    expect(view).toMatchObject({
      qmp_status: 'running',
      disk_read_bytes_per_second: 100,
      disk_write_bytes_per_second: 200,
      origins: { disk: 'qmp' },
    });
  });

  it('is else what the process itself read and wrote', () => {
    const io = { ok: true, read_bytes_total: 10_100, write_bytes_total: 20_200 } as const;
    expect(last({}, { io })).toMatchObject({
      disk_read_bytes_per_second: 100,
      disk_write_bytes_per_second: 200,
      origins: { disk: 'vmm' },
    });
  });

  it('is told apart by the source that should have known', () => {
    const io = { ...absent, reason: 'forbidden' } as const;
    const silent = { ...absent, reason: 'timeout' } as const;
    expect(last({ io }, { io }).reasons.disk).toBe('forbidden');
    expect(last({ io }, { io, qmp: silent }).reasons.disk).toBe('timeout');
  });
});

describe('memory', () => {
  it.each([
    [{ rss_bytes: 1200, configured_bytes: 1000 }, 100],
    [{ rss_bytes: 600, configured_bytes: null }, null],
  ])('%o is %s percent', (more, percent) => {
    const memory = { ok: true, swap_bytes: null, pss_bytes: null, pss_at: null, pss_missing: null };
    expect(last({ memory: { ...memory, ok: true, ...more } })).toMatchObject({
      memory_usage_percent: percent,
      origins: { memory: 'vmm' },
      reasons: { memory: null },
    });
  });

  it('says why it is unknown', () => {
    expect(last({ memory: { ...absent, reason: 'forbidden' } })).toMatchObject({
      memory_rss_bytes: null,
      origins: { memory: null },
      reasons: { memory: 'forbidden' },
    });
  });
});

describe('the state of the VMM', () => {
  it.each([
    ['running', {}],
    ['running', { qmp: qmp([]) }],
    ['paused', { qmp: qmp([], 'paused') }],
    ['stopped', { state: 'stopped' as const }],
    ['stopped', { state: 'stopped' as const, qmp: qmp([], 'paused') }],
    ['gone', { state: 'zombie' as const }],
  ])('is %s', (state, more) => {
    expect(last(more).vmm_state).toBe(state);
  });
});

describe('answers that must not be compared', () => {
  const network = taps(tap('tap0', 9e12, 9e12));
  const after = (more: Partial<VmmProcess>, observation = {}): HostView =>
    vmmRates(
      vmmRates(undefined, seenAfter(0), INTERVAL_MS),
      seenAfter(1000, { network, ...more }, observation),
      INTERVAL_MS,
    ).view;

  it.each([
    ['rebooted', after({ pid: 4712 })],
    ['rebooted', after({ start_ticks: 1 })],
    ['rebooted', after({}, { hostBootId: 'other' })],
    ['first_sample', after({}, { hostId: '99999999-2222-4222-8222-222222222222' })],
    ['clock_jump', after({}, { hostTakenAt: START_MS + 60_000 })],
    ['gap', after({}, { takenMonotonicMs: 50_000 + 16_000 })],
  ])('have no rates: %s', (reason, view) => {
    expect(view).toMatchObject({
      cpu_usage_percent: null,
      network_rx_bytes_per_second: null,
      disk_read_bytes_per_second: null,
      process_cpus: null,
      reasons: { cpu: reason, memory: null, network: reason, disk: reason },
    });
  });

  it('leave what was known when it is the same answer', () => {
    const first = vmmRates(undefined, seenAfter(0), INTERVAL_MS);
    expect(vmmRates(first, seenAfter(0), INTERVAL_MS)).toBe(first);
  });
});

describe('lines of Firecracker', () => {
  const received = (...lines: readonly (readonly [number, number, object?])[]) =>
    views(
      ...lines.map(([afterMs, rx, more]) => ({
        network: absent,
        firecracker: firecrackerLine(afterMs, rx, rx, more),
      })),
    ).map((view) => view.network_rx_bytes_per_second ?? view.reasons.network);

  it('that come again keep what they gave', () => {
    expect(received([0, 0], [1000, 100], [1000, 100], [3000, 500])).toEqual([
      'first_sample',
      100,
      100,
      200,
    ]);
  });

  it.each([
    ['counter_reset', { since: START_MS + 5 }],
    ['counter_reset', { restarts_total: 1 }],
  ])('of counters that began anew are not compared: %s', (reason, more) => {
    expect(received([0, 0], [1000, 100], [2000, 900, more], [3000, 950, more])).toEqual([
      'first_sample',
      100,
      reason,
      50,
    ]);
  });

  it('that are older than those before are a clock that jumped', () => {
    expect(received([0, 0], [-60_000, 100], [-59_000, 150])).toEqual([
      'first_sample',
      'clock_jump',
      50,
    ]);
  });

  it('across a jump of the clock of the host are not compared', () => {
    let history: VmmHistory | undefined;
    const answers = [
      [0, 0, 0],
      [1000, 1000, 100],
      // The clock was set an hour ahead; the line is still the one from before.
      [2000, 3_602_000, 100],
      [3000, 3_603_000, 300],
      [4000, 3_604_000, 350],
    ] as const;
    const seen = answers.map(([afterMs, hostMs, rx]) => {
      const lineMs = rx === 100 ? 1000 : hostMs;
      history = vmmRates(
        history,
        seenAfter(
          afterMs,
          { network: absent, firecracker: firecrackerLine(lineMs, rx, rx) },
          { hostTakenAt: START_MS + hostMs },
        ),
        INTERVAL_MS,
      );
      return history.view.network_rx_bytes_per_second ?? history.view.reasons.network;
    });
    expect(seen).toEqual(['first_sample', 100, 'clock_jump', 'clock_jump', 50]);
  });

  it('once a minute give way to taps, and are better than nothing', () => {
    const answer = (afterMs: number, lineMs: number, rx: number, network: VmmProcess['network']) =>
      seenAfter(afterMs, { network, firecracker: firecrackerLine(lineMs, rx, rx) });
    const origins = (withTaps: boolean) => {
      let history: VmmHistory | undefined;
      for (let second = 0; second <= 75; second += 1) {
        const line = second < 60 ? 0 : 60_000;
        const network = withTaps ? taps(tap('tap0', second, second)) : absent;
        history = vmmRates(history, answer(second * 1000, line, line / 10, network), INTERVAL_MS);
      }
      return history?.view;
    };
    expect(origins(true)).toMatchObject({
      network_rx_bytes_per_second: 1,
      origins: { network: 'tap', disk: 'firecracker' },
    });
    expect(origins(false)).toMatchObject({
      network_rx_bytes_per_second: 100,
      origins: { network: 'firecracker', disk: 'firecracker' },
    });
  });

  it('that no longer come are too old in the end', () => {
    let history: VmmHistory | undefined;
    for (let second = 0; second <= 120; second += 1) {
      const line = firecrackerLine(Math.min(second, 5) * 1000, second, second);
      const more = { network: absent, io: absent, firecracker: line };
      history = vmmRates(history, seenAfter(second * 1000, more), INTERVAL_MS);
    }
    expect(history?.view).toMatchObject({
      network_rx_bytes_per_second: null,
      reasons: { network: 'gap', disk: 'gap' },
    });
  });
});
