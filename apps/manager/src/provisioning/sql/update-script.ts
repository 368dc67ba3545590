/** Replaces a script for provisioning. When it was made stays: it decides for whom a first boot is due. */
import type { Provisioning, ProvisioningCreate } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { SCRIPT_COLUMNS, toScript } from './script-row.ts';

const TEXT = `
  UPDATE provisioning_script
  SET name = $2::text, position = $3::int, vm_id = $4::uuid, selector = $5::text,
    definition = $6::json, updated_at = now()
  WHERE id = $1::uuid AND NOT EXISTS (
    SELECT 1 FROM provisioning_script AS other
    WHERE other.name = $2::text AND other.id <> $1::uuid)
  RETURNING ${SCRIPT_COLUMNS}`;

/** Undefined: there is another one of this name, or this one is gone. */
export const updateScript = async (
  queryable: Queryable,
  id: string,
  { name, order, vm_id: vmId, selector, ...definition }: ProvisioningCreate,
): Promise<Provisioning | undefined> => {
  const { rows } = await queryable.query({
    name: 'update_provisioning_script',
    text: TEXT,
    values: [id, name, order, vmId, selector, JSON.stringify(definition)],
  });
  return rows[0] === undefined ? undefined : toScript(rows[0]);
};
