/** The registry of VMs: what routes, enrolment and the start of the manager do with it. */
import type { VmPatch } from '@innkeeper/protocol';
import type { Queryable } from '../database/database.ts';
import type { AuditRecord } from '../audit/audit.ts';
import type { ChangedBy, Outcome } from './outcome.ts';
import type { VmRecord, Vms } from './vm-record.ts';

export type RecordAudit = (transaction: Queryable, record: AuditRecord) => Promise<void>;

export interface NewVm extends Pick<
  VmRecord,
  'name' | 'guestIp' | 'agentPort' | 'hostId' | 'vmm' | 'labels'
> {
  readonly agentSocket?: VmRecord['agentSocket'];
}

export interface NewAddress {
  readonly guestIp: string;
  /** Undefined: stays. */
  readonly agentPort?: number | undefined;
  /** Takes it away from the VM that has it. */
  readonly takeOver: boolean;
}

export interface LocalVm {
  /** When it is first registered; people may rename it. */
  readonly name: string;
  readonly guestIp: string;
  readonly agentPort: number;
  /** Undefined: it has none. */
  readonly hostId: string | undefined;
}

export interface VmRegistry extends Vms {
  /** Reads everything from Postgres. Before anything else; throws where that fails. */
  load(): Promise<void>;
  byName(name: string): VmRecord | undefined;
  local(): VmRecord | undefined;
  /** `describe` is called when nothing else changes any more: what it finds free stays free. */
  create(by: ChangedBy, describe: () => Outcome<NewVm>): Promise<Outcome<VmRecord>>;
  patch(by: ChangedBy, id: string, patch: VmPatch): Promise<Outcome<VmRecord>>;
  remove(by: ChangedBy, id: string): Promise<Outcome<VmRecord>>;
  setGuestIp(by: ChangedBy, id: string, address: NewAddress): Promise<Outcome<VmRecord>>;
  clearGuestIp(by: ChangedBy, id: string): Promise<Outcome<VmRecord>>;
  /** With the key by which its agent is known; undefined: it is asked plainly. */
  markEnrolled(by: ChangedBy, id: string, tlsPin: string | undefined): Promise<Outcome<VmRecord>>;
  /** Its agent, which is enrolled, encrypts from now on, or has another key, or encrypts no more. */
  setTlsPin(by: ChangedBy, id: string, tlsPin: string | undefined): Promise<Outcome<VmRecord>>;
  /** Registers this machine, or says where its agent listens this time. */
  ensureLocal(local: LocalVm): Promise<VmRecord>;
  /** In the transaction that removes a host: its VMs have none from then on. */
  releaseHost(transaction: Queryable, hostId: string): Promise<() => void>;
}
