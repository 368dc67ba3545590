/** Events of a VM, newest first. */
import { vmEventSchema, type VmEvent } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

export interface EventQuery {
  readonly vmKey: number;
  readonly from: number;
  readonly to: number;
  /** Those before this one; events of one moment are in the order of their ids. */
  readonly before: EventPlace | undefined;
  readonly limit: number;
}

export interface EventPlace {
  /** Microseconds and an id, both beyond what a number holds exactly. */
  readonly atMicros: string;
  readonly id: string;
}

export interface FoundEvent {
  readonly event: VmEvent;
  readonly place: EventPlace;
}

const rowSchema = z.object({
  id: z.string(),
  at_us: z.string(),
  kind: vmEventSchema.shape.kind,
  detail: vmEventSchema.shape.detail,
});

const TEXT = `
  SELECT id::text AS id,
         (extract(epoch FROM at) * 1000000)::int8::text AS at_us,
         kind,
         detail
  FROM vm_event
  WHERE vm_key = $1::int4
    AND at >= $2::timestamptz
    AND at < $3::timestamptz
    AND ($4::int8 IS NULL
         OR (at, id) < ('epoch'::timestamptz + $4::int8 * '1 microsecond'::interval, $5::int8))
  ORDER BY at DESC, id DESC
  LIMIT $6::int4`;

export const listVmEvents = async (
  database: Queryable,
  { vmKey, from, to, before, limit }: EventQuery,
): Promise<FoundEvent[]> => {
  const { rows } = await database.query({
    name: 'list_vm_events',
    text: TEXT,
    values: [
      vmKey,
      new Date(from).toISOString(),
      new Date(to).toISOString(),
      before?.atMicros ?? null,
      before?.id ?? null,
      limit,
    ],
  });
  return rows.map((row) => {
    const { id, at_us, kind, detail } = rowSchema.parse(row);
    return {
      event: { id, at: Math.floor(Number(at_us) / 1000), kind, detail },
      place: { atMicros: at_us, id },
    };
  });
};
