/** Notes which boot of a VM was seen to, and when the VM was first seen at all. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  INSERT INTO provisioning_vm (vm_id, boot_id)
  SELECT vm.id, $2::text FROM vm WHERE vm.id = $1::uuid
  ON CONFLICT (vm_id) DO UPDATE SET boot_id = excluded.boot_id
  RETURNING round(extract(epoch FROM first_seen_at) * 1000)::float8 AS first_seen_at`;

const rowSchema = z.object({ first_seen_at: z.number() });

/** @returns when it was first seen; undefined: there is no such VM any more */
export const noteBoot = async (
  queryable: Queryable,
  vmId: string,
  bootId: string,
): Promise<number | undefined> => {
  const { rows } = await queryable.query({
    name: 'note_provisioning_boot',
    text: TEXT,
    values: [vmId, bootId],
  });
  return rows[0] === undefined ? undefined : rowSchema.parse(rows[0]).first_seen_at;
};
