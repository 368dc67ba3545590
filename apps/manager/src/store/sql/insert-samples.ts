/** Writes samples; those that are already there, from a write whose answer got lost, stay as they are. */
import { METRIC_FIELDS } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

const COLUMNS = ['vm_key', 'ts', 'origin', ...METRIC_FIELDS];
const TYPES = ['int4[]', 'timestamptz[]', 'int2[]', ...METRIC_FIELDS.map(() => 'real[]')];

const TEXT = `
  INSERT INTO sample (${COLUMNS.join(', ')})
  SELECT * FROM unnest(${TYPES.map((type, index) => `$${index + 1}::${type}`).join(', ')})
  ON CONFLICT (vm_key, ts) DO NOTHING`;

/** The columns in Postgres' binary form; the answer is how many rows are new. */
export const insertSamples = async (
  database: Queryable,
  columns: readonly Buffer[],
): Promise<number> => {
  const { rowCount } = await database.query({
    name: 'insert_samples',
    text: TEXT,
    values: columns,
  });
  return rowCount;
};
