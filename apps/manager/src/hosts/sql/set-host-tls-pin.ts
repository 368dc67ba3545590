/** By which key the host's agent is known from now on; undefined: there is no such host any more. */
import type { Queryable } from '../../database/database.ts';
import type { HostRecord } from '../host-record.ts';
import { parseHostRow } from '../host-row.ts';
import { HOST_COLUMNS } from './host-columns.ts';

export const setHostTlsPin = async (
  database: Queryable,
  id: string,
  tlsPin: string | undefined,
): Promise<HostRecord | undefined> => {
  const { rows } = await database.query({
    name: 'set-host-tls-pin',
    text: `UPDATE host SET tls_pin = $2::bytea, updated_at = now()
      WHERE id = $1::uuid
      RETURNING ${HOST_COLUMNS}`,
    values: [id, tlsPin === undefined ? null : Buffer.from(tlsPin, 'base64url')],
  });
  return rows.length === 0 ? undefined : parseHostRow(rows[0]);
};
