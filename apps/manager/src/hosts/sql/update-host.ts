/** Changes a host; undefined: there is no such host any more. */
import type { Queryable } from '../../database/database.ts';
import type { HostRecord } from '../host-record.ts';
import { parseHostRow } from '../host-row.ts';
import { HOST_COLUMNS } from './host-columns.ts';

export type HostToUpdate = Pick<
  HostRecord,
  'id' | 'name' | 'address' | 'agentPort' | 'agentId' | 'labels'
>;

export const updateHost = async (
  database: Queryable,
  host: HostToUpdate,
): Promise<HostRecord | undefined> => {
  const { rows } = await database.query({
    name: 'update-host',
    text: `UPDATE host SET name = $2::text, address = $3::inet, agent_port = $4::integer,
        -- Another agent has another key.
        tls_pin = CASE WHEN agent_id = $5::text THEN tls_pin END,
        agent_id = $5::text, labels = $6::jsonb, updated_at = now()
      WHERE id = $1::uuid
      RETURNING ${HOST_COLUMNS}`,
    values: [
      host.id,
      host.name,
      host.address,
      host.agentPort,
      host.agentId,
      JSON.stringify(host.labels),
    ],
  });
  return rows.length === 0 ? undefined : parseHostRow(rows[0]);
};
