/** Reads one script for provisioning. */
import type { Provisioning } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { SCRIPT_COLUMNS, toScript } from './script-row.ts';

const TEXT = `SELECT ${SCRIPT_COLUMNS} FROM provisioning_script WHERE id = $1::uuid`;

export const getScript = async (
  queryable: Queryable,
  id: string,
): Promise<Provisioning | undefined> => {
  const { rows } = await queryable.query({
    name: 'get_provisioning_script',
    text: TEXT,
    values: [id],
  });
  return rows[0] === undefined ? undefined : toScript(rows[0]);
};
