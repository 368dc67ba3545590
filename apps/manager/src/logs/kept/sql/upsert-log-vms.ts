/** Notes how far the lines of these VMs were looked at, and what they are called. */
import type { Queryable } from '../../../database/database.ts';

export interface LogVm {
  readonly vmKey: number;
  readonly vmId: string;
  readonly name: string;
  /** The agent's name of the last line that was looked at; undefined: none was. */
  readonly cursor: string | undefined;
  /** Of one some seconds before it. */
  readonly resumeAfter: string | undefined;
}

const TEXT = `
  INSERT INTO log_vm (vm_key, vm_id, name, cursor, resume_after)
  SELECT * FROM unnest($1::int4[], $2::uuid[], $3::text[], $4::text[], $5::text[])
  ON CONFLICT (vm_key) DO UPDATE
  SET name = excluded.name,
      cursor = coalesce(excluded.cursor, log_vm.cursor),
      resume_after = coalesce(excluded.resume_after, log_vm.resume_after),
      updated_at = now()`;

export const upsertLogVms = async (database: Queryable, vms: readonly LogVm[]): Promise<void> => {
  await database.query({
    name: 'upsert_log_vms',
    text: TEXT,
    values: [
      vms.map(({ vmKey }) => vmKey),
      vms.map(({ vmId }) => vmId),
      vms.map(({ name }) => name),
      vms.map(({ cursor }) => cursor ?? null),
      vms.map(({ resumeAfter }) => resumeAfter ?? null),
    ],
  });
};
