/** The steps of one VM from one tier; only the columns of the fields that are asked for are read. */
import type { MetricField, Tier } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import { tableOf } from '../../store/tiers.ts';

export interface PartQuery {
  readonly vmKey: number;
  readonly tier: Tier;
  readonly fields: readonly MetricField[];
  readonly from: number;
  readonly until: number;
  readonly stepMs: number;
  /** A moment at which a step begins. */
  readonly origin: number;
}

export interface PartStep {
  readonly t: number;
  readonly n: number;
  readonly nHost: number;
  /** In the order of the fields. */
  readonly avg: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

const rowSchema = z
  .object({ t: z.number(), n: z.number(), n_host: z.number() })
  .catchall(z.number().nullable());

const columnsOf = (tier: Tier, fields: readonly MetricField[]): string[] =>
  tier === 'raw'
    ? [
        'count(*)::int4 AS n',
        'count(*) FILTER (WHERE origin = 1)::int4 AS n_host',
        ...fields.flatMap((field, index) => [
          `avg(${field})::real AS avg_${index}`,
          `max(${field}) AS max_${index}`,
        ]),
      ]
    : [
        'sum(n)::int4 AS n',
        'sum(n_host)::int4 AS n_host',
        ...fields.flatMap((field, index) => [
          `(sum(avg_${field}::float8 * n)
            / sum(n) FILTER (WHERE avg_${field} IS NOT NULL))::real AS avg_${index}`,
          `max(max_${field}) AS max_${index}`,
        ]),
      ];

const textOf = (tier: Tier, fields: readonly MetricField[]): string => `
  SELECT (extract(epoch FROM step) * 1000)::float8 AS t, n, n_host,
         ${fields.map((_, index) => `avg_${index}, max_${index}`).join(', ')}
  FROM (
    SELECT date_bin($4::float8 * '1 millisecond'::interval, ts, $5::timestamptz) AS step,
           ${columnsOf(tier, fields).join(',\n           ')}
    FROM ${tableOf(tier).table}
    WHERE vm_key = $1::int4 AND ts >= $2::timestamptz AND ts < $3::timestamptz
    GROUP BY 1
  ) AS steps`;

/**
 * Without a name: there would be one for each set of fields, and a plan that is kept would open all
 * partitions where this one opens those of the range.
 */
export const getHistoryPart = async (
  database: Queryable,
  { vmKey, tier, fields, from, until, stepMs, origin }: PartQuery,
): Promise<PartStep[]> => {
  const { rows } = await database.query({
    text: textOf(tier, fields),
    values: [
      vmKey,
      new Date(from).toISOString(),
      new Date(until).toISOString(),
      stepMs,
      new Date(origin).toISOString(),
    ],
  });
  return rows.map((row) => {
    const found = rowSchema.parse(row);
    return {
      t: Math.round(found.t),
      n: found.n,
      nHost: found.n_host,
      avg: fields.map((_, index) => found[`avg_${index}`] ?? null),
      max: fields.map((_, index) => found[`max_${index}`] ?? null),
    };
  });
};
