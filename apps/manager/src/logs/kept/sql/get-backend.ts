/** Which process of Postgres serves this connection. */
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';

const rowsSchema = z.tuple([z.object({ pid: z.int() })]);

export const getBackend = async (transaction: Queryable): Promise<number> => {
  const { rows } = await transaction.query({
    name: 'get_backend',
    text: 'SELECT pg_backend_pid() AS pid',
  });
  return rowsSchema.parse(rows)[0].pid;
};
