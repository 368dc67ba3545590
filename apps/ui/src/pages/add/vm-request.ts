/** The request that registers what was typed: a new VM, or a VMM that a host sees already. */
import type { Labels, VmCreate, Vmm } from '@innkeeper/protocol';

/** Where it runs, and as which process. */
export interface Placing {
  /** Empty: not known. */
  readonly hostId: string;
  /** `name`: found by the VM's own name. `other`: by another one. Else the id of a VMM that is there. */
  readonly process: string;
  readonly kind: Vmm['kind'];
  /** What `other` is. */
  readonly told: string;
}

export const NOWHERE: Placing = { hostId: '', process: 'name', kind: 'qemu', told: '' };

export interface TypedVm {
  readonly name: string;
  readonly address: string;
  readonly port: string;
}

export interface VmRequest {
  readonly path: string;
  readonly body: Partial<VmCreate>;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;

const vmmOf = ({ process, kind, told }: Placing): Vmm | undefined => {
  const text = told.trim();
  if (process !== 'other' || text === '') return undefined;
  return UUID.test(text) ? { kind, uuid: text } : { kind, name: text };
};

export const vmRequest = (typed: TypedVm, labels: Labels, placing: Placing): VmRequest => {
  const address = typed.address.trim();
  const common = {
    name: typed.name.trim(),
    ...(address === '' ? {} : { guest_ip: address }),
    agent_port: Number(typed.port),
    labels,
  };
  const { hostId, process } = placing;
  if (hostId === '') return { path: '/v1/vms', body: common };
  if (process !== 'name' && process !== 'other') {
    const path = `/v1/hosts/${hostId}/found/${encodeURIComponent(process)}/adopt`;
    return { path, body: common };
  }
  const vmm = vmmOf(placing);
  const body = { ...common, host_id: hostId, ...(vmm === undefined ? {} : { vmm }) };
  return { path: '/v1/vms', body };
};
