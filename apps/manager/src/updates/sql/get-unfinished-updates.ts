/** Reads the updates that a manager has not brought to their end. */
import type { Queryable } from '../../database/database.ts';
import type { UpdateRecord } from '../update-record.ts';
import { toUpdateRecord, UPDATE_COLUMNS } from './update-row.ts';

const TEXT = `SELECT ${UPDATE_COLUMNS} FROM agent_update WHERE ended_at IS NULL ORDER BY key`;

export const getUnfinishedUpdates = async (queryable: Queryable): Promise<UpdateRecord[]> => {
  const { rows } = await queryable.query({ name: 'get_unfinished_agent_updates', text: TEXT });
  return rows.map(toUpdateRecord);
};
