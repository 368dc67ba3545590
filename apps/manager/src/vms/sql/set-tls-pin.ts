/** By which key the VM's agent is known from now on; undefined: there is no such VM any more. */
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../vm-record.ts';
import { parseVmRow } from '../vm-row.ts';
import { VM_COLUMNS } from './vm-columns.ts';

export const setTlsPin = async (
  database: Queryable,
  id: string,
  tlsPin: string | undefined,
): Promise<VmRecord | undefined> => {
  const { rows } = await database.query({
    name: 'set-vm-tls-pin',
    text: `UPDATE vm SET tls_pin = $2::bytea, updated_at = now()
      WHERE id = $1::uuid
      RETURNING ${VM_COLUMNS}`,
    values: [id, tlsPin === undefined ? null : Buffer.from(tlsPin, 'base64url')],
  });
  return rows.length === 0 ? undefined : parseVmRow(rows[0]);
};
