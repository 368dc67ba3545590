/** Reads updates, newest first. */
import type { Queryable } from '../../database/database.ts';
import type { UpdateRecord } from '../update-record.ts';
import { toUpdateRecord, UPDATE_COLUMNS } from './update-row.ts';

const TEXT = `
  SELECT ${UPDATE_COLUMNS}
  FROM agent_update
  WHERE ($1::bigint IS NULL OR key < $1::bigint)
    AND ($2::uuid[] IS NULL OR EXISTS (
      SELECT 1 FROM agent_update_step AS step
      WHERE step.update_key = agent_update.key AND step.vm_id = ANY ($2::uuid[])))
  ORDER BY key DESC
  LIMIT $3::int`;

export const listUpdates = async (
  queryable: Queryable,
  page: {
    readonly beforeKey: string | undefined;
    /** Null: all. */
    readonly visibleVmIds: readonly string[] | null;
    readonly limit: number;
  },
): Promise<UpdateRecord[]> => {
  const values = [page.beforeKey ?? null, page.visibleVmIds, page.limit];
  const { rows } = await queryable.query({ name: 'list_agent_updates', text: TEXT, values });
  return rows.map(toUpdateRecord);
};
