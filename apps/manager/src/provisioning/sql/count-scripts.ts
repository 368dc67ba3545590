/** Counts the scripts for provisioning. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = 'SELECT count(*)::int AS count FROM provisioning_script';

const rowSchema = z.object({ count: z.number() });

export const countScripts = async (queryable: Queryable): Promise<number> => {
  const { rows } = await queryable.query({ name: 'count_provisioning_scripts', text: TEXT });
  return rowSchema.parse(rows[0]).count;
};
