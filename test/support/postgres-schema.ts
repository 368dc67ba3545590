/** The tables of a database as text, from the catalogue: the same on every version of Postgres. */
import type { Queryable } from '../../apps/manager/src/database/database.ts';
import { z } from 'zod';

const linesSchema = z
  .array(z.object({ line: z.string() }))
  .transform((rows) => rows.map(({ line }) => line));

/** What belongs to the table whose name is $1, in the order in which it is told. */
const PARTS = [
  `SELECT format('  %s %s%s%s', attname, format_type(atttypid, atttypmod),
       CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END,
       CASE WHEN attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY'
            WHEN adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(adbin, adrelid) ELSE '' END) AS line
     FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
  // From version 18, NOT NULL is a constraint too.
  `SELECT format('  CONSTRAINT %s %s', conname, pg_get_constraintdef(oid)) AS line
     FROM pg_constraint WHERE conrelid = $1::regclass AND contype <> 'n' ORDER BY conname`,
  `SELECT '  ' || pg_get_indexdef(indexrelid) AS line FROM pg_index
     WHERE indrelid = $1::regclass AND NOT EXISTS (
       SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
     ORDER BY indexrelid::regclass::text`,
  `SELECT '  WITH ' || array_to_string(reloptions, ', ') AS line FROM pg_class
     WHERE oid = $1::regclass AND reloptions IS NOT NULL`,
  `SELECT '  PARTITION BY ' || pg_get_partkeydef($1::regclass) AS line FROM pg_class
     WHERE oid = $1::regclass AND relkind = 'p'`,
  `SELECT '  TRIGGER ' || tgname AS line FROM pg_trigger
     WHERE tgrelid = $1::regclass AND NOT tgisinternal ORDER BY tgname`,
];

/** Everything else that migrations could have left: sequences, views, types, functions. */
const OTHERS = `
  SELECT format('%s %s', relkind, relname) AS line FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'p', 'i', 'I')
  UNION ALL SELECT format('type %s', typname) FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typtype <> 'c' AND typcategory <> 'A'
  UNION ALL SELECT format('function %s', proname) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  ORDER BY line`;

export const describeSchema = async (database: Queryable): Promise<string> => {
  const ask = async (text: string, ...values: readonly string[]): Promise<string[]> =>
    linesSchema.parse((await database.query({ text, values })).rows);
  const tables = await ask(
    `SELECT relname AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace
       AND relkind IN ('r', 'p') ORDER BY relname`,
  );
  const lines: string[] = [];
  for (const table of tables) {
    lines.push(`TABLE ${table}`);
    for (const part of PARTS) lines.push(...(await ask(part, table)));
    lines.push('');
  }
  return [...lines, ...(await ask(OTHERS)), ''].join('\n');
};
