/** Adds a saved command. */
import type { Command, CommandCreate } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { COMMAND_COLUMNS, toCommand } from './command-row.ts';

const TEXT = `
  INSERT INTO command (name, run_by, definition)
  VALUES ($1::text, $2::text, $3::json)
  ON CONFLICT (name) DO NOTHING
  RETURNING ${COMMAND_COLUMNS}`;

/** Undefined: there is one of this name. */
export const insertCommand = async (
  queryable: Queryable,
  { name, run_by: runBy, ...definition }: CommandCreate,
): Promise<Command | undefined> => {
  const { rows } = await queryable.query({
    name: 'insert_command',
    text: TEXT,
    values: [name, runBy, JSON.stringify(definition)],
  });
  return rows[0] === undefined ? undefined : toCommand(rows[0]);
};
