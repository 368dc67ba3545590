/** Registers a host. Its agent goes by the host's own id where no other is given. */
import type { Queryable } from '../../database/database.ts';
import type { HostRecord } from '../host-record.ts';
import { parseHostRow } from '../host-row.ts';
import { HOST_COLUMNS } from './host-columns.ts';

export interface HostToInsert extends Pick<
  HostRecord,
  'name' | 'address' | 'agentPort' | 'labels' | 'isLocal'
> {
  readonly agentId: string | undefined;
}

export const insertHost = async (database: Queryable, host: HostToInsert): Promise<HostRecord> => {
  const { rows } = await database.query({
    name: 'insert-host',
    text: `WITH new AS (SELECT gen_random_uuid() AS id)
      INSERT INTO host (id, name, address, agent_port, agent_id, labels, is_local)
      SELECT id, $1::text, $2::inet, $3::integer, coalesce($4::text, id::text), $5::jsonb, $6::boolean
      FROM new
      RETURNING ${HOST_COLUMNS}`,
    values: [
      host.name,
      host.address,
      host.agentPort,
      host.agentId ?? null,
      JSON.stringify(host.labels),
      host.isLocal,
    ],
  });
  return parseHostRow(rows[0]);
};
