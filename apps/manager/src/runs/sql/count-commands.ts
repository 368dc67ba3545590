/** Counts the saved commands. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = 'SELECT count(*)::int AS count FROM command';

const rowSchema = z.object({ count: z.number() });

export const countCommands = async (queryable: Queryable): Promise<number> => {
  const { rows } = await queryable.query({ name: 'count_commands', text: TEXT });
  return rowSchema.parse(rows[0]).count;
};
