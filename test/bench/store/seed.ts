/**
 * Fills a tier by SQL with rows as the roll-up would have left them: step after step, all VMs in
 * each. That is the order in which they lie on the disk, and what reading one VM has to gather.
 */
import { METRIC_FIELDS, type Tier } from '@innkeeper/protocol';
import type { Database } from '../../../apps/manager/src/database/database.ts';
import { tableOf } from '../../../apps/manager/src/store/tiers.ts';

const AT_ONCE = 100_000;

/** Cheap to compute, and not the same in any two rows. */
const valuesOf = (index: number): string =>
  `((vm * 31 + number * 17 + ${index * 7}) % 997)::real / 10, ((vm * 31 + number * 17 + ${index * 7}) % 997)::real / 9`;

export interface Seed {
  readonly tier: Exclude<Tier, 'raw'>;
  readonly vms: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly stepMs: number;
  /** Samples in a step. */
  readonly samples: number;
}

export const seedTier = async (database: Database, seed: Seed): Promise<void> => {
  const { tier, vms, fromMs, untilMs, stepMs, samples } = seed;
  const columns = METRIC_FIELDS.flatMap((field) => [`avg_${field}`, `max_${field}`]);
  const text = `
    INSERT INTO ${tableOf(tier).table} (ts, vm_key, n, n_host, ${columns.join(', ')})
    SELECT to_timestamp(number::float8 * $4::float8 / 1000), vm, $5::int4, 0,
           ${METRIC_FIELDS.map((_, index) => valuesOf(index)).join(',\n           ')}
    FROM generate_series($1::int8, $2::int8 - 1) AS number, generate_series(1, $3::int4) AS vm
    ORDER BY number, vm`;
  const steps = Math.max(1, Math.floor(AT_ONCE / vms));
  const last = untilMs / stepMs;
  for (let number = fromMs / stepMs; number < last; number += steps) {
    const values = [number, Math.min(last, number + steps), vms, stepMs, samples];
    await database.query({ text, values });
  }
};
