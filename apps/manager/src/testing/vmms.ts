/** VMMs for tests, as a host's agent shows them. */
import type { VmmProcess } from '@innkeeper/protocol';
import type { SeenVmm } from '../rate/seen-vmm.ts';
import { START_MS } from './samples.ts';

export const HOST_ID = '22222222-2222-4222-8222-222222222222';
const HOST_BOOT_ID = '33333333-3333-4333-8333-333333333333';

export const absent = { ok: false, reason: 'absent', message: 'it has none' } as const;

type Tap = Extract<VmmProcess['network'], { ok: true }>['taps'][number];

export const tap = (name: string, rx: number, tx: number): Tap => ({
  tap: name,
  receive_bytes_total: rx,
  receive_packets_total: 0,
  receive_errs_total: 0,
  receive_drop_total: 0,
  transmit_bytes_total: tx,
  transmit_packets_total: 0,
  transmit_errs_total: 0,
  transmit_drop_total: 0,
});

export const taps = (...all: readonly Tap[]): VmmProcess['network'] => ({
  ok: true,
  taps: [...all],
});

export const vcpus = (...seconds: readonly number[]): VmmProcess['vcpus'] => ({
  ok: true,
  count: seconds.length,
  cpu_seconds_total: seconds.reduce((sum, each) => sum + each, 0),
  vcpus: seconds.map((each, vcpu) => ({ vcpu, cpu_seconds_total: each })),
});

export const blocks = (
  ...disks: readonly (readonly [device: string, read: number, written: number])[]
) =>
  disks.map(([device, read, written]) => ({
    device,
    read_bytes_total: read,
    reads_completed_total: 0,
    written_bytes_total: written,
    writes_completed_total: 0,
  }));

export const qmp = (block: ReturnType<typeof blocks>, status = 'running'): VmmProcess['qmp'] => ({
  ok: true,
  status,
  running: status === 'running',
  block,
  balloon_bytes: null,
});

type Line = Extract<VmmProcess['firecracker'], { ok: true }>;

export const firecrackerLine = (
  afterMs: number,
  rx: number,
  read: number,
  more: Partial<Line> = {},
): Line => ({
  ok: true,
  since: START_MS,
  taken_at: START_MS + afterMs,
  net: [
    {
      device: 'eth0',
      receive_bytes_total: rx,
      receive_packets_total: 0,
      transmit_bytes_total: 2 * rx,
      transmit_packets_total: 0,
    },
  ],
  block: blocks(['rootfs', read, 2 * read]),
  lines_total: 1,
  malformed_lines_total: 0,
  lost_lines_total: 0,
  restarts_total: 0,
  flush_problem: null,
  ...more,
});

const vmm = (more: Partial<VmmProcess> = {}): VmmProcess => ({
  kind: 'qemu',
  pid: 4711,
  start_ticks: 123_456,
  started_at: START_MS - 60_000,
  uuid: null,
  name: 'web-1',
  id: null,
  vm_id: null,
  state: 'running',
  process: { ok: true, cpu_seconds_total: 20, threads: 6 },
  vcpus: vcpus(5, 5),
  memory: {
    ok: true,
    rss_bytes: 600,
    configured_bytes: 1000,
    swap_bytes: null,
    pss_bytes: 550,
    pss_at: START_MS,
    pss_missing: null,
  },
  io: { ok: true, read_bytes_total: 10_000, write_bytes_total: 20_000 },
  cgroup: absent,
  network: { ok: true, taps: [tap('tap0', 1000, 2000)] },
  firecracker: absent,
  qmp: absent,
  ...more,
});

export const seenAfter = (
  afterMs: number,
  more: Partial<VmmProcess> = {},
  observation: Partial<SeenVmm> = {},
): SeenVmm => ({
  kind: 'seen',
  hostId: HOST_ID,
  takenAt: START_MS + afterMs,
  takenMonotonicMs: 50_000 + afterMs,
  hostTakenAt: START_MS + afterMs,
  hostBootId: HOST_BOOT_ID,
  vmm: vmm(more),
  ...observation,
});
