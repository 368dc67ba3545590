/** Notes when an agent was first read after it was enrolled. */
import type { Queryable } from '../../database/database.ts';

export const setFirstReading = async (
  database: Queryable,
  /** Of the VM or the host. */
  id: string,
  atMs: number,
): Promise<void> => {
  await database.query({
    name: 'set-agent-first-reading',
    text: `UPDATE agent_identity SET first_reading_at = to_timestamp($2::float8 / 1000)
      WHERE (vm_id = $1::uuid OR host_id = $1::uuid) AND first_reading_at IS NULL`,
    values: [id, atMs],
  });
};
