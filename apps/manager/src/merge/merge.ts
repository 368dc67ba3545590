/**
 * One reading from what guest and host have given. The values of a part come from one origin as a
 * whole: the guest's agent while it is the origin of the VM, else the host, else nobody.
 */
import type { HostView, MissingReason, Reading } from '@innkeeper/protocol';
import type { GuestView } from '../rate/guest-rates.ts';
import type { GuestSystem } from '../rate/guest-system.ts';
import type { Signals } from './state.ts';

/** A view, and when its values arrived by the manager's clocks. */
export interface Arrived<View> {
  readonly view: View;
  readonly at: number;
  readonly monotonicMs: number;
}

/** The list of processes may be older than the other values. */
export interface ArrivedGuest extends Arrived<GuestView> {
  readonly topAt: number | null;
}

/** What is known of the agent whether or not it answers now. */
export interface AgentFacts {
  readonly identity: Reading['identity'];
  readonly agent_seen_at: number | null;
  readonly boot_id: string | null;
  readonly clock_offset_ms: number | null;
  /** Of the pull that has just ended; null where none has. */
  readonly pull_seconds: number | null;
  readonly next_pull_at: number | null;
}

export interface MergeInput {
  readonly vmId: string;
  readonly now: number;
  readonly nowMonotonicMs: number;
  readonly signals: Signals;
  readonly guest: ArrivedGuest | undefined;
  /** Of a VMM that its host sees, or saw a moment ago. */
  readonly seen: Arrived<HostView> | undefined;
  /** What to show of the host: `seen`, or that the host does not see it. */
  readonly host: HostView | null;
  readonly facts: AgentFacts;
}

/** What a reading is made of, whoever the origin is. */
interface Source {
  readonly origin: Reading['origin'];
  readonly arrived: Arrived<unknown> | undefined;
  readonly view: GuestView;
  readonly topAt: number | null;
  readonly origins: Reading['origins'];
}

const MAX_MESSAGE = 512;

/** Written out: an object that is spread and then grows by 40 fields costs 20 times as much. */
const readingOf = (
  input: MergeInput,
  { origin, arrived, view, topAt, origins }: Source,
): Reading => {
  const { signals, facts, nowMonotonicMs } = input;
  const { cpu, memory, network, disk, system } = view;
  const failure = origin === 'guest' ? undefined : signals.failure;
  return {
    vm_id: input.vmId,
    taken_at: arrived?.at ?? input.now,
    age_ms:
      arrived === undefined ? 0 : Math.max(0, Math.round(nowMonotonicMs - arrived.monotonicMs)),
    state: signals.state,
    origin,
    reason: failure?.kind ?? null,
    message: failure?.message.slice(0, MAX_MESSAGE) ?? null,
    reasons: {
      cpu: cpu.reason,
      memory: memory.reason,
      network: network.reason,
      disk: disk.reason,
    },
    origins,
    identity: facts.identity,
    agent_seen_at: facts.agent_seen_at,
    boot_id: facts.boot_id,
    clock_offset_ms: facts.clock_offset_ms,
    pull_seconds: facts.pull_seconds,
    next_pull_at: facts.next_pull_at,
    cpu_usage_percent: cpu.cpu_usage_percent,
    cpu_user_percent: cpu.cpu_user_percent,
    cpu_system_percent: cpu.cpu_system_percent,
    cpu_iowait_percent: cpu.cpu_iowait_percent,
    cpu_steal_percent: cpu.cpu_steal_percent,
    cpu_count: cpu.cpu_count,
    cores: cpu.cores,
    memory_usage_percent: memory.memory_usage_percent,
    memory_used_bytes: memory.memory_used_bytes,
    memory_total_bytes: memory.memory_total_bytes,
    memory_available_bytes: memory.memory_available_bytes,
    memory_cached_bytes: memory.memory_cached_bytes,
    network_rx_bytes_per_second: network.network_rx_bytes_per_second,
    network_tx_bytes_per_second: network.network_tx_bytes_per_second,
    network_problems_per_second: network.network_problems_per_second,
    networks: network.networks,
    disk_read_bytes_per_second: disk.disk_read_bytes_per_second,
    disk_write_bytes_per_second: disk.disk_write_bytes_per_second,
    disk_reads_per_second: disk.disk_reads_per_second,
    disk_writes_per_second: disk.disk_writes_per_second,
    disk_read_await_seconds: disk.disk_read_await_seconds,
    disk_write_await_seconds: disk.disk_write_await_seconds,
    disk_busy_percent: disk.disk_busy_percent,
    disks: disk.disks,
    uptime_seconds: system.uptime_seconds,
    swap_used_bytes: system.swap_used_bytes,
    swap_total_bytes: system.swap_total_bytes,
    load1: system.load1,
    load5: system.load5,
    load15: system.load15,
    pressure_cpu_percent: system.pressure_cpu_percent,
    pressure_memory_percent: system.pressure_memory_percent,
    pressure_io_percent: system.pressure_io_percent,
    process_count: system.process_count,
    processes_running: system.processes_running,
    processes_blocked: system.processes_blocked,
    filesystem_usage_percent: system.filesystem_usage_percent,
    filesystems: system.filesystems,
    top: system.top,
    top_at: topAt,
    host: input.host,
  };
};

const originUnless = (reason: MissingReason | null): 'guest' | null =>
  reason === null ? 'guest' : null;

const fromGuest = (arrived: ArrivedGuest): Source => {
  const { view } = arrived;
  return {
    origin: 'guest',
    arrived,
    view,
    topAt: arrived.topAt,
    origins: {
      cpu: originUnless(view.cpu.reason),
      memory: originUnless(view.memory.reason),
      network: originUnless(view.network.reason),
      disk: originUnless(view.disk.reason),
    },
  };
};

/** What only an agent inside can know. */
const NO_SYSTEM: GuestSystem = {
  uptime_seconds: null,
  swap_used_bytes: null,
  swap_total_bytes: null,
  load1: null,
  load5: null,
  load15: null,
  pressure_cpu_percent: null,
  pressure_memory_percent: null,
  pressure_io_percent: null,
  process_count: null,
  processes_running: null,
  processes_blocked: null,
  filesystem_usage_percent: null,
  filesystems: null,
  top: null,
};

const NO_CPU = {
  cpu_usage_percent: null,
  cpu_user_percent: null,
  cpu_system_percent: null,
  cpu_iowait_percent: null,
  cpu_steal_percent: null,
  cpu_count: null,
  cores: null,
} as const;

const NO_MEMORY = {
  memory_usage_percent: null,
  memory_used_bytes: null,
  memory_total_bytes: null,
  memory_available_bytes: null,
  memory_cached_bytes: null,
} as const;

const NO_NETWORK = {
  network_rx_bytes_per_second: null,
  network_tx_bytes_per_second: null,
  network_problems_per_second: null,
  networks: null,
} as const;

const NO_DISK = {
  disk_read_bytes_per_second: null,
  disk_write_bytes_per_second: null,
  disk_reads_per_second: null,
  disk_writes_per_second: null,
  disk_read_await_seconds: null,
  disk_write_await_seconds: null,
  disk_busy_percent: null,
  disks: null,
} as const;

const fromHost = (arrived: Arrived<HostView>): Source => {
  const host = arrived.view;
  const { reasons } = host;
  return {
    origin: 'host',
    arrived,
    topAt: null,
    origins: host.origins,
    view: {
      cpu: {
        ...NO_CPU,
        reason: reasons.cpu,
        cpu_usage_percent: host.cpu_usage_percent,
        cpu_count: host.vcpu_count,
      },
      memory: {
        ...NO_MEMORY,
        reason: reasons.memory,
        memory_usage_percent: host.memory_usage_percent,
        memory_used_bytes: host.memory_rss_bytes,
        memory_total_bytes: host.memory_configured_bytes,
      },
      network: {
        ...NO_NETWORK,
        reason: reasons.network,
        network_rx_bytes_per_second: host.network_rx_bytes_per_second,
        network_tx_bytes_per_second: host.network_tx_bytes_per_second,
      },
      disk: {
        ...NO_DISK,
        reason: reasons.disk,
        disk_read_bytes_per_second: host.disk_read_bytes_per_second,
        disk_write_bytes_per_second: host.disk_write_bytes_per_second,
      },
      system: NO_SYSTEM,
    },
  };
};

const fromNobody = (reason: MissingReason): Source => ({
  origin: 'none',
  arrived: undefined,
  topAt: null,
  origins: { cpu: null, memory: null, network: null, disk: null },
  view: {
    cpu: { ...NO_CPU, reason },
    memory: { ...NO_MEMORY, reason },
    network: { ...NO_NETWORK, reason },
    disk: { ...NO_DISK, reason },
    system: NO_SYSTEM,
  },
});

/**
 * `reason` says why the agent gives nothing; so the parts say why the host, which would have filled
 * in, gives nothing either. A VM without a host is told about its agent only.
 */
const reasonOfNobody = ({ host, signals }: MergeInput): MissingReason =>
  host?.reasons.cpu ?? signals.failure?.kind ?? 'pending';

const sourceOf = (input: MergeInput): Source => {
  const { signals, guest, seen } = input;
  if (signals.origin === 'guest' && guest !== undefined) return fromGuest(guest);
  if (signals.origin === 'host' && seen !== undefined) return fromHost(seen);
  return fromNobody(reasonOfNobody(input));
};

export const mergeReading = (input: MergeInput): Reading => readingOf(input, sourceOf(input));
