/** Every host, once at the start. */
import type { Queryable } from '../../database/database.ts';
import type { HostRecord } from '../host-record.ts';
import { parseHostRow } from '../host-row.ts';
import { HOST_COLUMNS } from './host-columns.ts';

export const selectHosts = async (database: Queryable): Promise<HostRecord[]> => {
  const { rows } = await database.query({
    name: 'select-hosts',
    text: `SELECT ${HOST_COLUMNS} FROM host ORDER BY created_at, id`,
  });
  return rows.map(parseHostRow);
};
