/** Reads a saved command. */
import type { Command } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { COMMAND_COLUMNS, toCommand } from './command-row.ts';

const TEXT = `SELECT ${COMMAND_COLUMNS} FROM command WHERE id = $1::uuid`;

export const getCommand = async (
  queryable: Queryable,
  id: string,
): Promise<Command | undefined> => {
  const { rows } = await queryable.query({ name: 'get_command', text: TEXT, values: [id] });
  return rows[0] === undefined ? undefined : toCommand(rows[0]);
};
