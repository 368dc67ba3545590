/** Deletes updates that are over, but for the newest ones. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  DELETE FROM agent_update
  WHERE ended_at IS NOT NULL AND key < (
    SELECT min(newest.key)
    FROM (SELECT key FROM agent_update ORDER BY key DESC LIMIT $1::int) AS newest)`;

export const deleteOldUpdates = async (queryable: Queryable, keep: number): Promise<void> => {
  await queryable.query({ name: 'delete_old_agent_updates', text: TEXT, values: [keep] });
};
