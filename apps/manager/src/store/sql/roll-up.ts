/**
 * Computes steps of a tier from the one before it. What was computed before is replaced, so that a
 * repetition comes to the same.
 *
 * An average of averages weighs each by the samples behind it, and leaves out those that are null.
 * Counts are kept for rows and not for fields: where a field was unknown in some of the samples of
 * a row, its average weighs as much as if all of them had known it. The tiers may then differ from
 * the average of the samples, but never leave the range of the values.
 */
import { METRIC_FIELDS } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';
import { tableOf, type RolledTier } from '../tiers.ts';

const FROM_SAMPLES = [
  'count(*)::int4',
  'count(*) FILTER (WHERE origin = 1)::int4',
  ...METRIC_FIELDS.flatMap((field) => [`avg(${field})::real`, `max(${field})`]),
];

const FROM_STEPS = [
  'sum(n)::int4',
  'sum(n_host)::int4',
  ...METRIC_FIELDS.flatMap((field) => [
    `(sum(avg_${field}::float8 * n) / sum(n) FILTER (WHERE avg_${field} IS NOT NULL))::real`,
    `max(max_${field})`,
  ]),
];

const VALUES = [
  'n',
  'n_host',
  ...METRIC_FIELDS.flatMap((field) => [`avg_${field}`, `max_${field}`]),
];
const REPLACED = VALUES.map((column) => `${column} = excluded.${column}`);

const textOf = (tier: RolledTier): string => `
  INSERT INTO ${tier.table} (vm_key, ts, ${VALUES.join(', ')})
  SELECT vm_key,
         date_bin('${tier.stepMs} milliseconds'::interval, ts, 'epoch'::timestamptz) AS step,
         ${(tier.source === 'raw' ? FROM_SAMPLES : FROM_STEPS).join(',\n         ')}
  FROM ${tableOf(tier.source).table}
  WHERE ts >= $1::timestamptz AND ts < $2::timestamptz
  GROUP BY vm_key, step
  ORDER BY vm_key, step
  ON CONFLICT (vm_key, ts) DO UPDATE SET ${REPLACED.join(', ')}`;

/**
 * Steps from `fromMs` to `untilMs`, without the one that begins there; the answer is how many rows.
 * Not prepared under a name: a plan for these partitions is not one for the next.
 */
export const rollUp = async (
  transaction: Queryable,
  tier: RolledTier,
  fromMs: number,
  untilMs: number,
): Promise<number> => {
  const { rowCount } = await transaction.query({
    text: textOf(tier),
    values: [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()],
  });
  return rowCount;
};
