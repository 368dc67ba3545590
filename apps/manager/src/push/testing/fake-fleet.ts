/** VMs and readings without a registry, a database or guests. */
import type { Labels, Reading } from '@innkeeper/protocol';
import type { Readings } from '../../readings/readings.ts';
import type { VmChange, VmRecord, Vms } from '../../vms/vm-record.ts';

export const vmId = (key: number): string =>
  `00000000-0000-4000-8000-${key.toString().padStart(12, '0')}`;

export const makeVm = (key: number, more: Partial<VmRecord> = {}): VmRecord => ({
  id: vmId(key),
  key,
  name: `vm-${key}`,
  guestIp: `10.0.${(key >> 8) & 255}.${key & 255}`,
  agentPort: 8080,
  agentSocket: undefined,
  hostId: undefined,
  vmm: undefined,
  labels: {},
  enrolledAt: undefined,
  tlsPin: undefined,
  isLocal: false,
  createdAt: 1,
  updatedAt: 1,
  ...more,
});

const noParts = { cpu: null, memory: null, network: null, disk: null };

export const makeReading = (vm: VmRecord, more: Partial<Reading> = {}): Reading => ({
  vm_id: vm.id,
  taken_at: 1_700_000_000_000,
  age_ms: 100,
  state: 'up',
  origin: 'guest',
  reason: null,
  message: null,
  reasons: noParts,
  origins: { cpu: 'guest', memory: 'guest', network: 'guest', disk: 'guest' },
  identity: 'verified',
  agent_seen_at: 1_700_000_000_000,
  boot_id: '6d1e2c2e-9c0a-4b41-8a4b-0c8a1b4f5f10',
  uptime_seconds: 100,
  clock_offset_ms: 0,
  pull_seconds: 0.01,
  next_pull_at: null,
  cpu_usage_percent: 12.5,
  cpu_user_percent: 10,
  cpu_system_percent: 2.5,
  cpu_iowait_percent: 0,
  cpu_steal_percent: 0,
  cpu_count: 2,
  cores: [
    { cpu: 0, usage_percent: 10 },
    { cpu: 1, usage_percent: 15 },
  ],
  memory_usage_percent: 50,
  memory_used_bytes: 1_073_741_824,
  memory_total_bytes: 2_147_483_648,
  memory_available_bytes: 1_073_741_824,
  memory_cached_bytes: 1024,
  swap_used_bytes: 0,
  swap_total_bytes: 0,
  load1: 0.5,
  load5: 0.4,
  load15: 0.3,
  pressure_cpu_percent: 0,
  pressure_memory_percent: 0,
  pressure_io_percent: 0,
  process_count: 100,
  processes_running: 1,
  processes_blocked: 0,
  network_rx_bytes_per_second: 1000,
  network_tx_bytes_per_second: 2000,
  network_problems_per_second: 0,
  disk_read_bytes_per_second: 3000,
  disk_write_bytes_per_second: 4000,
  disk_reads_per_second: 1,
  disk_writes_per_second: 2,
  disk_read_await_seconds: null,
  disk_write_await_seconds: null,
  disk_busy_percent: 1,
  filesystem_usage_percent: 40,
  networks: [],
  disks: [],
  filesystems: [],
  top: [],
  top_at: null,
  host: null,
  ...more,
});

export interface FakeVms extends Vms {
  add(vm: VmRecord): void;
  change(id: string, more: Partial<VmRecord>): void;
  relabel(id: string, labels: Labels): void;
  remove(id: string): void;
  listeners(): number;
}

export const makeFakeVms = (vms: Iterable<VmRecord>): FakeVms => {
  const byId = new Map(Array.from(vms, (vm) => [vm.id, vm]));
  const listeners = new Set<(change: VmChange) => void>();
  const tell = (change: VmChange): void => {
    for (const listener of listeners) listener(change);
  };
  const known = (id: string): VmRecord => {
    const vm = byId.get(id);
    if (vm === undefined) throw new Error(`no VM ${id}`);
    return vm;
  };
  const change = (id: string, more: Partial<VmRecord>): void => {
    const before = known(id);
    const vm = { ...before, ...more };
    byId.set(id, vm);
    tell({ kind: 'changed', vm, before });
  };
  return {
    all: () => byId.values(),
    count: () => byId.size,
    get: (id) => byId.get(id),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(vm) {
      byId.set(vm.id, vm);
      tell({ kind: 'added', vm });
    },
    change,
    relabel(id, labels) {
      change(id, { labels });
    },
    remove(id) {
      const vm = known(id);
      byId.delete(id);
      tell({ kind: 'removed', vm });
    },
    listeners: () => listeners.size,
  };
};

export interface FakeReadings extends Readings {
  /** As if this VM had been pulled just now. */
  push(vm: VmRecord, reading?: Reading): void;
  listeners(): number;
}

export const makeFakeReadings = (): FakeReadings => {
  const latest = new Map<string, Reading>();
  const listeners = new Set<(vm: VmRecord, reading: Reading) => void>();
  return {
    latest: (vm) => latest.get(vm.id) ?? makeReading(vm),
    onReading(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    push(vm, reading = makeReading(vm)) {
      latest.set(vm.id, reading);
      for (const listener of listeners) listener(vm, reading);
    },
    listeners: () => listeners.size,
  };
};
