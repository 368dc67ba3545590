/** Adds a script for provisioning. */
import type { Provisioning, ProvisioningCreate } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { SCRIPT_COLUMNS, toScript } from './script-row.ts';

const TEXT = `
  INSERT INTO provisioning_script (name, position, vm_id, selector, definition)
  VALUES ($1::text, $2::int, $3::uuid, $4::text, $5::json)
  ON CONFLICT (name) DO NOTHING
  RETURNING ${SCRIPT_COLUMNS}`;

/** Undefined: there is one of this name. */
export const insertScript = async (
  queryable: Queryable,
  { name, order, vm_id: vmId, selector, ...definition }: ProvisioningCreate,
): Promise<Provisioning | undefined> => {
  const { rows } = await queryable.query({
    name: 'insert_provisioning_script',
    text: TEXT,
    values: [name, order, vmId, selector, JSON.stringify(definition)],
  });
  return rows[0] === undefined ? undefined : toScript(rows[0]);
};
