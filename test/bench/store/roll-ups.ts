/** How long the roll-up takes for a tier, slice after slice, until there is nothing left to do. */
import type { Database } from '../../../apps/manager/src/database/database.ts';
import type { RollUp } from '../../../apps/manager/src/store/roll-up.ts';
import { tableOf, type RolledTier } from '../../../apps/manager/src/store/tiers.ts';
import { numberFrom } from './answers.ts';
import type { RollUpFigures } from './figures.ts';

const countBetween = async (
  database: Database,
  table: string,
  fromMs: number,
  untilMs: number,
): Promise<number> => {
  const { rows } = await database.query({
    text: `SELECT count(*)::float8 AS rows FROM ${table}
           WHERE ts >= to_timestamp($1::float8 / 1000) AND ts < to_timestamp($2::float8 / 1000)`,
    values: [fromMs, untilMs],
  });
  return numberFrom(rows[0], 'rows');
};

export const measureRollUp = async (
  database: Database,
  rollUp: RollUp,
  tier: RolledTier,
  range: { readonly fromMs: number; readonly untilMs: number },
): Promise<RollUpFigures> => {
  const before = performance.now();
  let rows = 0;
  for (;;) {
    const { outcome, rows: more } = await rollUp.step(tier);
    rows += more;
    if (outcome === 'busy') throw new Error(`somebody else works at ${tier.name}`);
    if (outcome === 'done') break;
  }
  const seconds = (performance.now() - before) / 1_000;
  if (rows === 0) throw new Error(`nothing was rolled up into ${tier.name}`);
  const { fromMs, untilMs } = range;
  return {
    tier: tier.name,
    steps: Math.round((untilMs - fromMs) / tier.stepMs),
    rows,
    sourceRows: await countBetween(database, tableOf(tier.source).table, fromMs, untilMs),
    seconds,
  };
};
