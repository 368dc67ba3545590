/** The keys that are not retired, the one that signs first; agents know two at most. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({
  id: z.uuid(),
  private_key: z.instanceof(Buffer),
  public_key: z.instanceof(Buffer),
  is_announced: z.boolean(),
});

export interface ManagerKeyRow {
  readonly id: string;
  readonly privateKey: Buffer;
  readonly publicKey: Buffer;
  /** It signs nothing yet. */
  readonly isAnnounced: boolean;
}

export const listActiveManagerKeys = async (database: Queryable): Promise<ManagerKeyRow[]> => {
  const { rows } = await database.query({
    name: 'list_active_manager_keys',
    text: `
      SELECT id, private_key, public_key, signs_from IS NULL AS is_announced
      FROM manager_key
      WHERE retired_at IS NULL
      ORDER BY signs_from DESC NULLS LAST, created_at DESC, id DESC
      LIMIT 2`,
  });
  return rows.map((row) => {
    const { id, private_key, public_key, is_announced } = rowSchema.parse(row);
    return {
      id,
      privateKey: private_key,
      publicKey: public_key,
      isAnnounced: is_announced,
    };
  });
};
