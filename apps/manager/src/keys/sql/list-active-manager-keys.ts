/** The keys that are not retired, the newest first; agents know two at most. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({
  id: z.uuid(),
  private_key: z.instanceof(Buffer),
  public_key: z.instanceof(Buffer),
});

export interface ManagerKeyRow {
  readonly id: string;
  readonly privateKey: Buffer;
  readonly publicKey: Buffer;
}

export const listActiveManagerKeys = async (database: Queryable): Promise<ManagerKeyRow[]> => {
  const { rows } = await database.query({
    name: 'list_active_manager_keys',
    text: `
      SELECT id, private_key, public_key
      FROM manager_key
      WHERE retired_at IS NULL
      ORDER BY created_at DESC, id DESC
      LIMIT 2`,
  });
  return rows.map((row) => {
    const { id, private_key, public_key } = rowSchema.parse(row);
    return { id, privateKey: private_key, publicKey: public_key };
  });
};
