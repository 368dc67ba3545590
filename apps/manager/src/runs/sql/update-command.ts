/** Replaces a saved command. */
import type { Command, CommandCreate } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { COMMAND_COLUMNS, toCommand } from './command-row.ts';

const TEXT = `
  UPDATE command
  SET name = $2::text, run_by = $3::text, definition = $4::json, updated_at = now()
  WHERE id = $1::uuid
    AND NOT EXISTS (SELECT 1 FROM command AS other WHERE other.name = $2::text AND other.id <> $1::uuid)
  RETURNING ${COMMAND_COLUMNS}`;

/** Undefined: there is another one of this name, or this one is gone. */
export const updateCommand = async (
  queryable: Queryable,
  id: string,
  { name, run_by: runBy, ...definition }: CommandCreate,
): Promise<Command | undefined> => {
  const { rows } = await queryable.query({
    name: 'update_command',
    text: TEXT,
    values: [id, name, runBy, JSON.stringify(definition)],
  });
  return rows[0] === undefined ? undefined : toCommand(rows[0]);
};
