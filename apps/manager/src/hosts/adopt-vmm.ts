/** Makes a VM of a VMM that a host sees and nobody has registered. */
import type { Vmm, VmmProcess } from '@innkeeper/protocol';
import { refuse, type Problem } from '../http/problem.ts';
import type { ChangedBy, Outcome } from '../vms/outcome.ts';
import { freeName } from '../vms/free-name.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { NewVm, VmRegistry } from '../vms/vm-registry.ts';
import type { HostWatch } from './host-watch.ts';
import { nameOfVmm } from './vmm-name.ts';

export interface Adoption {
  /** Undefined: what the command line tells. */
  readonly name: string | undefined;
  readonly guestIp: string | undefined;
  readonly agentPort: number;
  readonly labels: VmRecord['labels'];
}

export interface AdoptOptions {
  readonly vms: Pick<VmRegistry, 'create' | 'byName'>;
  readonly watch: Pick<HostWatch, 'foundProcess' | 'found'>;
}

const VMM_NOT_FOUND: Problem = {
  status: 404,
  code: 'vmm_not_found',
  message: 'the host sees no such VMM, or it has been registered meanwhile',
};

export const HOST_UNREACHABLE: Problem = {
  status: 502,
  code: 'host_unreachable',
  message: "the host's agent does not answer, so it is unknown what runs there",
};

/** Longer ones do not fit into `vmm`; no hypervisor makes any. */
const MAX_UUID = 128;
const MAX_TAP = 15;
const MAX_TAPS = 64;
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/**
 * Its uuid finds it after a restart, but only if no other VMM has the same: people copy command
 * lines, and Firecracker calls all those without an id alike.
 */
const uuidOf = (vmm: VmmProcess, all: readonly VmmProcess[]): string | undefined => {
  const uuid = (vmm.uuid ?? vmm.id)?.toLowerCase();
  if (uuid === undefined || uuid === '' || uuid.length > MAX_UUID) return undefined;
  if (UNSTORABLE.test(uuid)) return undefined;
  const alike = all.filter(
    (other) => other.uuid?.toLowerCase() === uuid || other.id?.toLowerCase() === uuid,
  );
  return alike.length === 1 && uuid !== 'anonymous-instance'
    ? (vmm.uuid ?? vmm.id ?? undefined)
    : undefined;
};

const describeVmm = (vmm: VmmProcess, all: readonly VmmProcess[]): Vmm => {
  const uuid = uuidOf(vmm, all);
  const taps = (vmm.network.ok ? vmm.network.taps : [])
    .map(({ tap }) => tap)
    .filter((tap) => tap !== '' && tap.length <= MAX_TAP && !UNSTORABLE.test(tap))
    .slice(0, MAX_TAPS);
  return {
    kind: vmm.kind,
    ...(uuid === undefined ? { pid: vmm.pid, start_ticks: vmm.start_ticks } : { uuid }),
    ...(taps.length > 0 && { taps }),
  };
};

export const makeAdopt = ({ vms, watch }: AdoptOptions) => {
  const describe = (hostId: string, foundId: string, adoption: Adoption): Outcome<NewVm> => {
    if (watch.found(hostId) === undefined) return refuse(HOST_UNREACHABLE);
    const found = watch.foundProcess(hostId, foundId);
    if (found === undefined) return refuse(VMM_NOT_FOUND);
    const isTaken = (one: string): boolean => vms.byName(one) !== undefined;
    const told = nameOfVmm(found.vmm);
    const name = adoption.name ?? freeName(told, isTaken) ?? told;
    const { guestIp, agentPort, labels } = adoption;
    return {
      ok: true,
      value: { name, guestIp, agentPort, labels, hostId, vmm: describeVmm(found.vmm, found.all) },
    };
  };

  return async (
    by: ChangedBy,
    hostId: string,
    foundId: string,
    adoption: Adoption,
  ): Promise<Outcome<VmRecord>> => vms.create(by, () => describe(hostId, foundId, adoption));
};
