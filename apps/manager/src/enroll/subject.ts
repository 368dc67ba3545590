/** Whose agent is enrolled: a VM or a host, in the same way. */
import type { HostRecord } from '../hosts/host-record.ts';
import type { VmRecord } from '../vms/vm-record.ts';

export type Subject =
  | { readonly kind: 'vm'; readonly vm: VmRecord }
  | { readonly kind: 'host'; readonly host: HostRecord };

/** What the agent calls itself, and what tokens for it are made out to. */
export const agentIdOf = (subject: Subject): string =>
  subject.kind === 'vm' ? subject.vm.id : subject.host.agentId;

/** Of the row in Postgres. */
export const idOf = (subject: Subject): string =>
  subject.kind === 'vm' ? subject.vm.id : subject.host.id;

const nameOf = (subject: Subject): string =>
  subject.kind === 'vm' ? subject.vm.name : subject.host.name;

export const agentPortOf = (subject: Subject): number =>
  subject.kind === 'vm' ? subject.vm.agentPort : subject.host.agentPort;

export const tlsPinOf = (subject: Subject): string | undefined =>
  subject.kind === 'vm' ? subject.vm.tlsPin : subject.host.tlsPin;

export const isLocal = (subject: Subject): boolean =>
  subject.kind === 'vm' ? subject.vm.isLocal : subject.host.isLocal;

/** As the audit names it. */
export const targetOf = (subject: Subject) => ({
  kind: subject.kind,
  id: idOf(subject),
  name: nameOf(subject),
});
