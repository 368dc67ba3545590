/** Keeps the last that is known of VMs. */
import type { Queryable } from '../../database/database.ts';
import type { LatestRow } from '../latest-buffer.ts';

const TEXT = `
  INSERT INTO vm_latest (vm_key, taken_at, agent_seen_at, boot_id, state, origin)
  SELECT * FROM unnest(
    $1::int4[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]
  )
  ON CONFLICT (vm_key) DO UPDATE
  SET taken_at = excluded.taken_at,
      agent_seen_at = excluded.agent_seen_at,
      boot_id = excluded.boot_id,
      state = excluded.state,
      origin = excluded.origin`;

const timeOf = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

/** Sorted by key, each key once: two managers lock the rows in the same order. */
export const upsertVmLatest = async (
  database: Queryable,
  rows: readonly LatestRow[],
): Promise<number> => {
  const { rowCount } = await database.query({
    name: 'upsert_vm_latest',
    text: TEXT,
    values: [
      rows.map((row) => row.vmKey),
      rows.map((row) => timeOf(row.takenAt)),
      rows.map((row) => timeOf(row.agentSeenAt)),
      rows.map((row) => row.bootId ?? null),
      rows.map((row) => row.state),
      rows.map((row) => row.origin),
    ],
  });
  return rowCount;
};
