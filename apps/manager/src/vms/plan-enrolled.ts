/** An agent has proved that it is a VM's, or says anew by which TLS key it is known. */
import { refuse } from '../http/problem.ts';
import type { ChangedBy } from './outcome.ts';
import { markEnrolled } from './sql/mark-enrolled.ts';
import { setTlsPin } from './sql/set-tls-pin.ts';
import { VM_NOT_FOUND } from './vm-problems.ts';
import { audit, settled, written, writtenVm, type VmPlan, type VmWriting } from './write-vm.ts';

export const makeEnrolledPlans = (writing: VmWriting) => {
  const { cache } = writing;

  const planEnrolled = (by: ChangedBy, id: string, tlsPin: string | undefined): VmPlan => {
    const known = cache.get(id);
    if (known === undefined) return settled(refuse(VM_NOT_FOUND));
    return {
      kind: 'write',
      work: async (transaction) => {
        const vm = written(await markEnrolled(transaction, known.id, tlsPin));
        await audit(writing, transaction, by, 'vm.enroll', vm, { tls_pin: tlsPin });
        return writtenVm(cache, vm);
      },
    };
  };

  const planTlsPin = (by: ChangedBy, id: string, tlsPin: string | undefined): VmPlan => {
    const known = cache.get(id);
    if (known === undefined) return settled(refuse(VM_NOT_FOUND));
    if (known.tlsPin === tlsPin) return settled({ ok: true, value: known });
    return {
      kind: 'write',
      work: async (transaction) => {
        const vm = written(await setTlsPin(transaction, known.id, tlsPin));
        const changed = { from: known.tlsPin ?? null, to: tlsPin ?? null };
        await audit(writing, transaction, by, 'vm.tls', vm, { tls_pin: changed });
        return writtenVm(cache, vm);
      },
    };
  };

  return { planEnrolled, planTlsPin };
};
