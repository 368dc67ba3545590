/**
 * Whether two messages come from two machines, as far as that can be told. The firmware's UUID says
 * it where both had it; only the superuser reads it. A copied disk has the same machine id until
 * somebody makes it a new one.
 */
import type { AgentFacts } from '@innkeeper/protocol';

type Ids = Pick<AgentFacts, 'machine_id_hash' | 'firmware_id_hash'>;

export const isOtherMachine = (known: Ids, told: Ids): boolean => {
  if (known.firmware_id_hash !== null && told.firmware_id_hash !== null) {
    return known.firmware_id_hash !== told.firmware_id_hash;
  }
  if (known.machine_id_hash === null || told.machine_id_hash === null) return false;
  return known.machine_id_hash !== told.machine_id_hash;
};
