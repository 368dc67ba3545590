/** Of a VM or host only the newest tokens stay: they tell why an agent is refused. */
import type { Queryable } from '../../database/database.ts';

const KEPT = 10;

export const deleteOldTokens = async (database: Queryable, subjectId: string): Promise<void> => {
  await database.query({
    name: 'delete-old-enrollment-tokens',
    text: `DELETE FROM enrollment_token WHERE id IN (
      SELECT id FROM enrollment_token WHERE vm_id = $1::uuid OR host_id = $1::uuid
      ORDER BY created_at DESC, id OFFSET $2::integer)`,
    values: [subjectId, KEPT],
  });
};
