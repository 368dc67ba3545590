/** Notes what happened to VMs, in the transaction in which it happens: the same to all of them. */
import type { VmEvent, VmEventKind } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

export interface VmEventToInsert {
  readonly vmKeys: readonly number[];
  readonly kind: VmEventKind;
  readonly detail: VmEvent['detail'];
}

export const insertVmEvents = async (
  database: Queryable,
  { vmKeys, kind, detail }: VmEventToInsert,
): Promise<void> => {
  await database.query({
    name: 'insert-registry-events',
    text: `INSERT INTO vm_event (vm_key, at, kind, detail)
      SELECT vm_key, now(), $2::text, $3::jsonb FROM unnest($1::integer[]) AS vm_key`,
    values: [vmKeys, kind, JSON.stringify(detail)],
  });
};
