/** Reads the saved commands by name, or one of them. */
import type { Command } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { COMMAND_COLUMNS, toCommand } from './command-row.ts';

const TEXT = `
  SELECT ${COMMAND_COLUMNS}
  FROM command
  WHERE $1::uuid IS NULL OR id = $1::uuid
  ORDER BY name
  LIMIT $2::int`;

/** More than anybody chooses from. */
export const MAX_COMMANDS = 1000;

export const getCommands = async (
  queryable: Queryable,
  id: string | undefined,
): Promise<Command[]> => {
  const { rows } = await queryable.query({
    name: 'get_commands',
    text: TEXT,
    values: [id ?? null, MAX_COMMANDS],
  });
  return rows.map(toCommand);
};
