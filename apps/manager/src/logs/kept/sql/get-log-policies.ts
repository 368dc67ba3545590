/** The policies in their order; none where nobody has set any. */
import { logPolicySchema, type LogPolicy } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';

const rowsSchema = z.array(logPolicySchema);

const TEXT = `
  SELECT selector, vm_id::text AS vm_id, keep, last_words
  FROM log_policy
  ORDER BY position`;

export const getLogPolicies = async (database: Queryable): Promise<LogPolicy[]> => {
  const { rows } = await database.query({ name: 'get_log_policies', text: TEXT });
  return rowsSchema.parse(rows);
};
