/** The enrolled agents of hosts, as their hosts are shown with them. */
import { agentFactsSchema, type HostAgent } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({
  host_id: z.uuid(),
  facts: agentFactsSchema,
  enrolled_at_ms: z.number(),
});

export const listHostAgents = async (
  database: Queryable,
): Promise<ReadonlyMap<string, HostAgent>> => {
  const { rows } = await database.query({
    name: 'list-host-agents',
    text: `SELECT host_id, facts, round(extract(epoch FROM enrolled_at) * 1000)::float8 AS enrolled_at_ms
      FROM agent_identity WHERE host_id IS NOT NULL`,
  });
  return new Map(
    rows.map((row) => {
      const { host_id: id, facts, enrolled_at_ms: enrolledAt } = rowSchema.parse(row);
      const { version, build, architecture } = facts;
      return [id, { version, build, architecture, enrolled_at: enrolledAt }];
    }),
  );
};
