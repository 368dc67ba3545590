/** A row of `provisioning_script` as the API has it. */
import { provisioningSchema, type Provisioning } from '@innkeeper/protocol';
import { z } from 'zod';

export const SCRIPT_COLUMNS = `
  id, name, position AS "order", vm_id, selector, definition,
  round(extract(epoch FROM created_at) * 1000)::float8 AS created_at,
  round(extract(epoch FROM updated_at) * 1000)::float8 AS updated_at`;

const rowSchema = z.object({ definition: z.record(z.string(), z.unknown()) }).catchall(z.unknown());

export const toScript = (given: unknown): Provisioning => {
  const { definition, ...columns } = rowSchema.parse(given);
  return provisioningSchema.parse({ ...definition, ...columns });
};
