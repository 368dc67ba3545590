/** A VM as its host sees it, from two answers of the host's agent. */
import type { HostView, MissingReason, VmmProcess, VmmState } from '@innkeeper/protocol';
import { counterRate, gauge, percentOf } from './counter-rate.ts';
import { hostElapsed, type ElapsedProblem } from './elapsed.ts';
import { firecrackerTraffic, type FirecrackerTraffic } from './firecracker-traffic.ts';
import { isSameVmm, type SeenVmm } from './seen-vmm.ts';
import { vmmCpuPercent } from './vmm-cpu.ts';
import { firstOf, noTraffic, sumTraffic, type Traffic } from './vmm-source.ts';

/** What the next answer is compared to, and what came of the last one. */
export interface VmmHistory {
  readonly seen: SeenVmm;
  readonly view: HostView;
  readonly firecracker: FirecrackerTraffic;
}

type Since = number | ElapsedProblem | 'first_sample';

const rateOr = (
  since: Since,
  now: { readonly ok: true } | { readonly ok: false; readonly reason: MissingReason },
  rate: (seconds: number) => Traffic,
): Traffic => {
  if (!now.ok) return noTraffic(now.reason);
  return typeof since === 'string' ? noTraffic(since) : rate(since);
};

const tapTraffic = (before: VmmProcess['network'], now: VmmProcess['network'], since: Since) =>
  rateOr(since, now, (seconds) => {
    const counted = (part: VmmProcess['network']) =>
      part.ok
        ? part.taps.map((tap) => ({
            key: tap.tap,
            in: tap.receive_bytes_total,
            out: tap.transmit_bytes_total,
          }))
        : [];
    return sumTraffic('tap', counted(before), counted(now), seconds);
  });

const qmpTraffic = (before: VmmProcess['qmp'], now: VmmProcess['qmp'], since: Since) =>
  rateOr(since, now, (seconds) => {
    const counted = (part: VmmProcess['qmp']) =>
      part.ok
        ? part.block.map((disk) => ({
            key: disk.device,
            in: disk.read_bytes_total,
            out: disk.written_bytes_total,
          }))
        : [];
    return sumTraffic('qmp', counted(before), counted(now), seconds);
  });

/** What the VMM's process made the host's disks do: without what the host's cache answered. */
const ioTraffic = (before: VmmProcess['io'], now: VmmProcess['io'], since: Since) =>
  rateOr(since, now, (seconds) => {
    const counted = (part: VmmProcess['io']) =>
      part.ok ? [{ key: '', in: part.read_bytes_total, out: part.write_bytes_total }] : [];
    return sumTraffic('vmm', counted(before), counted(now), seconds);
  });

const vmmState = ({ state, qmp }: VmmProcess): VmmState => {
  if (state === 'zombie') return 'gone';
  if (state === 'stopped') return 'stopped';
  return qmp.ok && !qmp.running ? 'paused' : 'running';
};

const processCpus = (before: VmmProcess, now: VmmProcess, since: Since): number | null => {
  if (typeof since === 'string' || !before.process.ok || !now.process.ok) return null;
  const { cpu_seconds_total: earlier } = before.process;
  const rate = counterRate(earlier, now.process.cpu_seconds_total, since);
  return typeof rate === 'string' ? null : rate;
};

interface Rates {
  readonly cpu: number | MissingReason;
  readonly processCpus: number | null;
  readonly network: Traffic;
  readonly disk: Traffic;
}

const viewOf = (seen: SeenVmm, { cpu, processCpus: cpus, network, disk }: Rates): HostView => {
  const { vmm } = seen;
  const { memory, vcpus } = vmm;
  const rss = memory.ok ? gauge(memory.rss_bytes) : null;
  const configured = memory.ok ? gauge(memory.configured_bytes) : null;
  const memoryProblem = memory.ok ? 'malformed' : memory.reason;
  return {
    host_id: seen.hostId,
    taken_at: seen.takenAt,
    vmm_state: vmmState(vmm),
    qmp_status: vmm.qmp.ok ? vmm.qmp.status : null,
    kind: vmm.kind,
    pid: vmm.pid,
    started_at: vmm.started_at,
    cpu_usage_percent: typeof cpu === 'number' ? cpu : null,
    vcpu_count: vcpus.ok ? vcpus.count : null,
    process_cpus: cpus,
    memory_usage_percent: rss === null || configured === null ? null : percentOf(rss, configured),
    memory_rss_bytes: rss,
    memory_pss_bytes: memory.ok ? gauge(memory.pss_bytes) : null,
    memory_configured_bytes: configured,
    network_rx_bytes_per_second: network.ok ? network.in : null,
    network_tx_bytes_per_second: network.ok ? network.out : null,
    disk_read_bytes_per_second: disk.ok ? disk.in : null,
    disk_write_bytes_per_second: disk.ok ? disk.out : null,
    origins: {
      cpu: typeof cpu === 'number' ? 'vmm' : null,
      memory: rss === null ? null : 'vmm',
      network: network.ok ? network.origin : null,
      disk: disk.ok ? disk.origin : null,
    },
    reasons: {
      cpu: typeof cpu === 'number' ? null : cpu,
      memory: rss === null ? memoryProblem : null,
      network: network.ok ? null : network.reason,
      disk: disk.ok ? null : disk.reason,
    },
  };
};

const ratesOf = (
  before: VmmProcess,
  now: VmmProcess,
  since: Since,
  firecracker: FirecrackerTraffic,
): Rates => {
  const live = firecracker.slow ? noTraffic('gap') : firecracker.network;
  const cpu = (): number | MissingReason => {
    if (!now.vcpus.ok) return now.vcpus.reason;
    return typeof since === 'string' ? since : vmmCpuPercent(before.vcpus, now.vcpus, since);
  };
  return {
    cpu: cpu(),
    processCpus: processCpus(before, now, since),
    network: firstOf(live, tapTraffic(before.network, now.network, since), firecracker.network),
    disk: firstOf(
      firecracker.disk,
      qmpTraffic(before.qmp, now.qmp, since),
      ioTraffic(before.io, now.io, since),
    ),
  };
};

/** The history before, itself, where nothing new has come. */
export const vmmRates = (
  before: VmmHistory | undefined,
  now: SeenVmm,
  intervalMs: number,
): VmmHistory => {
  let since: Since;
  if (before === undefined || before.seen.hostId !== now.hostId) {
    since = 'first_sample';
  } else if (isSameVmm(before.seen, now)) {
    const elapsed = hostElapsed(before.seen, now, intervalMs);
    if (elapsed === 'too_soon') return before;
    since = elapsed;
  } else {
    since = 'rebooted';
  }
  const firecracker = firecrackerTraffic(
    before?.firecracker,
    now.vmm.firecracker,
    now.hostTakenAt,
    since,
    intervalMs,
  );
  const rates = ratesOf(before?.seen.vmm ?? now.vmm, now.vmm, since, firecracker);
  return { seen: now, view: viewOf(now, rates), firecracker };
};
