/** Tells the timelines of all VMs with an enrolled agent that the manager has another key. */
import type { VmEventKind } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

const KIND: VmEventKind = 'key_rotated';

export const insertKeyEvents = async (
  database: Queryable,
  key: {
    /** As agents are told it, in base64url. */
    readonly publicKey: string;
    readonly fingerprint: string;
  },
): Promise<void> => {
  await database.query({
    name: 'insert-key-events',
    text: `INSERT INTO vm_event (vm_key, at, kind, detail)
      SELECT vm.key, now(), $1::text, jsonb_build_object(
        'to', $2::text,
        'reason', CASE WHEN manager_keys @> to_jsonb($3::text) THEN NULL ELSE 'agent_behind' END)
      FROM agent_identity JOIN vm ON vm.id = agent_identity.vm_id`,
    values: [KIND, key.fingerprint, key.publicKey],
  });
};
