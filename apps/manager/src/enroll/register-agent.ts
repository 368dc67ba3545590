/**
 * What an agent has said of itself in a signed message is registered: by which TLS key it is known,
 * and where it is. From the next connection on it is asked over TLS, or, where it has no key, plainly.
 */
import type { AgentFacts, Registered } from '@innkeeper/protocol';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { RequestFacts } from '../http/route.ts';
import type { Outcome } from '../vms/outcome.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import type { RegisterAddress } from './register-address.ts';
import { idOf, type Subject } from './subject.ts';

export type RegisterAgent = (
  subject: Subject,
  facts: AgentFacts,
  request: RequestFacts,
) => Promise<Outcome<Pick<Registered, 'guest_ip' | 'address_problem' | 'tls_pin'>>>;

export const makeRegisterAgent =
  (parts: {
    readonly vms: Pick<VmRegistry, 'setTlsPin'>;
    readonly hosts: Pick<HostRegistry, 'setTlsPin'>;
    readonly registerAddress: RegisterAddress;
  }): RegisterAgent =>
  async (subject, facts, request) => {
    const registry = subject.kind === 'vm' ? parts.vms : parts.hosts;
    const { tls_pin: tlsPin } = facts;
    const by = { actor: undefined, request };
    // Before its address, at which it would be asked with the key that it had.
    const pinned = await registry.setTlsPin(by, idOf(subject), tlsPin ?? undefined);
    if (!pinned.ok) return pinned;
    const address = await parts.registerAddress(subject, facts, request);
    return { ok: true, value: { ...address, tls_pin: tlsPin } };
  };
