/**
 * By which key an agent is known to the manager from now on, as it has said itself in a signed
 * message. From the next connection on it is asked over TLS, or, where it has none, plainly.
 */
import type { AgentFacts } from '@innkeeper/protocol';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { RequestFacts } from '../http/route.ts';
import type { Outcome } from '../vms/outcome.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import { idOf, type Subject } from './subject.ts';

export type RegisterTlsPin = (
  subject: Subject,
  facts: Pick<AgentFacts, 'tls_pin'>,
  request: RequestFacts,
) => Promise<Outcome<unknown>>;

export const makeRegisterTlsPin =
  (registries: {
    readonly vms: Pick<VmRegistry, 'setTlsPin'>;
    readonly hosts: Pick<HostRegistry, 'setTlsPin'>;
  }): RegisterTlsPin =>
  async (subject, { tls_pin: tlsPin }, request) => {
    const registry = subject.kind === 'vm' ? registries.vms : registries.hosts;
    return registry.setTlsPin({ actor: undefined, request }, idOf(subject), tlsPin ?? undefined);
  };
