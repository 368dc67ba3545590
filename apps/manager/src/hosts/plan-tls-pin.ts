/** The agent of a host says by which TLS key it is known from now on, or that it has none. */
import { refuse } from '../http/problem.ts';
import type { ChangedBy } from '../vms/outcome.ts';
import { auditHost, HostVanished, type HostPlan, type HostPlansOptions } from './host-plans.ts';
import { HOST_NOT_FOUND } from './host-problems.ts';
import { setHostTlsPin } from './sql/set-host-tls-pin.ts';

export const planTlsPin = (
  { cache, recordAudit }: Pick<HostPlansOptions, 'cache' | 'recordAudit'>,
  by: ChangedBy,
  id: string,
  tlsPin: string | undefined,
): HostPlan => {
  const before = cache.get(id);
  if (before === undefined) return { kind: 'settled', value: refuse(HOST_NOT_FOUND) };
  if (before.tlsPin === tlsPin) return { kind: 'settled', value: { ok: true, value: before } };
  return {
    kind: 'write',
    work: async (transaction) => {
      const value = await setHostTlsPin(transaction, id, tlsPin);
      if (value === undefined) throw new HostVanished(`host ${id} has vanished`);
      const changed = { from: before.tlsPin ?? null, to: tlsPin ?? null };
      await auditHost(recordAudit, transaction, by, 'host.tls', value, { tls_pin: changed });
      return { value: { ok: true, value }, apply: () => cache.put(value) };
    },
  };
};
