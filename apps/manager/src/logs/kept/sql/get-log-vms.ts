/** The VMs of which lines were ever looked at, also those that are no longer registered. */
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';
import type { LogVm } from './upsert-log-vms.ts';

const rowsSchema = z.array(
  z.object({
    vm_key: z.int(),
    vm_id: z.uuid(),
    name: z.string(),
    cursor: z.string().nullable(),
    resume_after: z.string().nullable(),
  }),
);

const TEXT = `
  SELECT vm_key, vm_id::text AS vm_id, name, cursor, resume_after
  FROM log_vm
  WHERE $1::int4[] IS NULL OR vm_key = ANY ($1::int4[]) OR vm_id = ANY ($2::uuid[])`;

/** Without a choice, all of them. */
export const getLogVms = async (
  database: Queryable,
  choice?: { readonly keys?: readonly number[]; readonly ids?: readonly string[] },
): Promise<LogVm[]> => {
  const { rows } = await database.query({
    name: 'get_log_vms',
    text: TEXT,
    values: choice === undefined ? [null, null] : [choice.keys ?? [], choice.ids ?? []],
  });
  return rowsSchema.parse(rows).map((row) => ({
    vmKey: row.vm_key,
    vmId: row.vm_id,
    name: row.name,
    cursor: row.cursor ?? undefined,
    resumeAfter: row.resume_after ?? undefined,
  }));
};
