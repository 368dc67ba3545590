/** A row of `command` as the API has it. */
import { commandSchema, type Command } from '@innkeeper/protocol';
import { z } from 'zod';

export const COMMAND_COLUMNS = `
  id, name, run_by, definition, round(extract(epoch FROM created_at) * 1000)::float8 AS created_at,
  round(extract(epoch FROM updated_at) * 1000)::float8 AS updated_at`;

const rowSchema = z.object({ definition: z.record(z.string(), z.unknown()) }).catchall(z.unknown());

export const toCommand = (given: unknown): Command => {
  const { definition, ...columns } = rowSchema.parse(given);
  return commandSchema.parse({ ...definition, ...columns });
};
