/** Reads an update by its id. */
import type { Queryable } from '../../database/database.ts';
import type { UpdateRecord } from '../update-record.ts';
import { toUpdateRecord, UPDATE_COLUMNS } from './update-row.ts';

const TEXT = `SELECT ${UPDATE_COLUMNS} FROM agent_update WHERE id = $1::uuid`;

export const getUpdate = async (
  queryable: Queryable,
  id: string,
): Promise<UpdateRecord | undefined> => {
  const { rows } = await queryable.query({ name: 'get_agent_update', text: TEXT, values: [id] });
  return rows[0] === undefined ? undefined : toUpdateRecord(rows[0]);
};
