/** VMs, hosts and VMMs for tests of the registries, each with what a test leaves out made up. */
import {
  readingSchema,
  type ProcessStats,
  type Reading,
  type VmmProcess,
} from '@innkeeper/protocol';
import type { Actor } from '../../apps/manager/src/auth/actor.ts';
import type { HostRecord } from '../../apps/manager/src/hosts/host-record.ts';
import { parseLabelSelector } from '../../apps/manager/src/vms/label-selector.ts';
import type { VmRecord } from '../../apps/manager/src/vms/vm-record.ts';

export const idOf = (number: number): string =>
  `00000000-0000-4000-8000-${number.toString().padStart(12, '0')}`;

export const makeVm = (number: number, fields: Partial<VmRecord> = {}): VmRecord => ({
  id: idOf(number),
  key: number,
  name: `vm-${number}`,
  guestIp: undefined,
  agentPort: 8080,
  agentSocket: undefined,
  hostId: undefined,
  vmm: undefined,
  labels: {},
  enrolledAt: undefined,
  tlsPin: undefined,
  isLocal: false,
  createdAt: 1_700_000_000_000 + number,
  updatedAt: 1_700_000_000_000 + number,
  ...fields,
});

export const makeHost = (number: number, fields: Partial<HostRecord> = {}): HostRecord => ({
  id: idOf(1_000_000 + number),
  name: `host-${number}`,
  address: '10.9.0.1',
  agentPort: 8000 + number,
  agentId: `agent-${number}`,
  labels: {},
  tlsPin: undefined,
  isLocal: false,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
  ...fields,
});

const absent = { ok: false, reason: 'absent', message: 'not in this test' } as const;

export const makeVmm = (pid: number, fields: Partial<VmmProcess> = {}): VmmProcess => ({
  kind: 'qemu',
  pid,
  start_ticks: 100 + pid,
  started_at: null,
  uuid: null,
  name: null,
  id: null,
  vm_id: null,
  state: 'running',
  process: absent,
  vcpus: absent,
  memory: absent,
  io: absent,
  cgroup: absent,
  network: absent,
  firecracker: absent,
  qmp: absent,
  ...fields,
});

export const makeStats = (
  vms: readonly VmmProcess[],
  fields: Partial<ProcessStats> = {},
): ProcessStats => ({
  boot_id: 'boot-1',
  taken_at: 1_700_000_000_000,
  cpu_count: 8,
  memory_total_bytes: 2 ** 34,
  host_cpu_usage_percent: 12.5,
  vms: [...vms],
  unmatched: [],
  ...fields,
});

const noParts = { cpu: null, memory: null, network: null, disk: null };

/** Null where a test says nothing. */
const NOTHING_READ = Object.fromEntries(
  Object.keys(readingSchema.shape).map((name) => [name, null]),
);

export const makeReading = (vmId: string, fields: Partial<Reading> = {}): Reading =>
  readingSchema.parse({
    ...NOTHING_READ,
    vm_id: vmId,
    taken_at: 1_700_000_000_000,
    age_ms: 0,
    state: 'unknown',
    origin: 'none',
    reasons: noParts,
    origins: noParts,
    ...fields,
  });

export const makeActor = (role: Actor['role'], scopeText?: string): Actor => {
  const parsed = scopeText === undefined ? undefined : parseLabelSelector(scopeText);
  if (parsed?.ok === false) throw new Error(parsed.problem);
  return {
    kind: 'token',
    id: idOf(900 + role.length),
    name: scopeText === undefined ? role : `${role} of ${scopeText}`,
    role,
    scope: parsed?.selector,
  };
};
