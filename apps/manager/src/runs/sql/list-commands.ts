/** Reads a page of saved commands that somebody may run, by name. */
import type { Command } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { COMMAND_COLUMNS, toCommand } from './command-row.ts';

const TEXT = `
  SELECT ${COMMAND_COLUMNS}
  FROM command
  WHERE run_by = ANY ($1::text[]) AND ($2::text IS NULL OR name > $2::text)
  ORDER BY name
  LIMIT $3::int`;

export interface CommandPageWanted {
  readonly runBy: readonly Command['run_by'][];
  /** The last name of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

export const listCommands = async (
  queryable: Queryable,
  { runBy, after, limit }: CommandPageWanted,
): Promise<Command[]> => {
  const { rows } = await queryable.query({
    name: 'list_commands',
    text: TEXT,
    values: [runBy, after ?? null, limit],
  });
  return rows.map(toCommand);
};
