/** Reads scripts for provisioning in the order in which they run, from one on. */
import type { Provisioning } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { SCRIPT_COLUMNS, toScript } from './script-row.ts';

const TEXT = `
  SELECT ${SCRIPT_COLUMNS}
  FROM provisioning_script
  WHERE $1::int IS NULL OR (position, name) > ($1::int, $2::text)
  ORDER BY position, name
  LIMIT $3::int`;

/** More than anybody can tell apart. */
export const MAX_SCRIPTS = 500;

export interface ScriptPlace {
  readonly order: number;
  readonly name: string;
}

export const listScripts = async (
  queryable: Queryable,
  after: ScriptPlace | undefined,
  limit: number,
): Promise<Provisioning[]> => {
  const { rows } = await queryable.query({
    name: 'list_provisioning_scripts',
    text: TEXT,
    values: [after?.order ?? null, after?.name ?? null, limit],
  });
  return rows.map(toScript);
};
