/** Adds events of VMs, except those that are there from a write whose answer got lost. */
import type { Queryable } from '../../database/database.ts';
import type { NewVmEvent } from '../event-buffer.ts';

const TEXT = `
  INSERT INTO vm_event (vm_key, at, kind, detail)
  SELECT new.vm_key, new.at, new.kind, new.detail
  FROM unnest($1::int4[], $2::timestamptz[], $3::text[], $4::jsonb[])
    WITH ORDINALITY AS new (vm_key, at, kind, detail, position)
  WHERE NOT EXISTS (
    SELECT 1 FROM vm_event AS old
    WHERE old.vm_key = new.vm_key
      AND old.at = new.at
      AND old.kind = new.kind
      AND old.detail = new.detail
  )
  ORDER BY new.position`;

export const insertVmEvents = async (
  database: Queryable,
  events: readonly NewVmEvent[],
): Promise<number> => {
  const { rowCount } = await database.query({
    name: 'insert_vm_events',
    text: TEXT,
    values: [
      events.map((event) => event.vmKey),
      events.map((event) => new Date(event.at).toISOString()),
      events.map((event) => event.kind),
      events.map((event) => JSON.stringify(event.detail)),
    ],
  });
  return rowCount;
};
