/** Rounds of provisioning that a test sets. */
import type { ProvisioningSource } from '../../provisioning/provisioning.ts';
import type { RoundRow } from '../../provisioning/sql/round-row.ts';

export interface FakeProvisioning extends ProvisioningSource {
  set(round: RoundRow): void;
  asked(): number;
}

export const makeFakeProvisioning = (): FakeProvisioning => {
  const rounds = new Map<string, RoundRow>();
  const listeners = new Set<(vmId: string) => void>();
  let asked = 0;
  return {
    newest: async (vmId) => {
      asked += 1;
      return rounds.get(vmId);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (round) => {
      rounds.set(round.vm_id, round);
      for (const listener of listeners) listener(round.vm_id);
    },
    asked: () => asked,
  };
};
