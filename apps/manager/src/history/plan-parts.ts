/**
 * Which tiers a range is read from. A tier lags behind: what it does not have yet comes from the
 * finer one, and the newest of all from the samples, so that a history goes on where live values
 * begin.
 */
import type { Tier } from '@innkeeper/protocol';
import { ROLLED_TIERS } from '../store/tiers.ts';

export interface Part {
  readonly tier: Tier;
  readonly from: number;
  readonly until: number;
}

/** From the oldest part to the newest, without those that are empty. */
export const planParts = (
  tier: Tier,
  from: number,
  until: number,
  doneUntil: ReadonlyMap<Tier, number>,
): readonly Part[] => {
  const parts: Part[] = [];
  let start = from;
  const place = ROLLED_TIERS.findIndex((rolled) => rolled.name === tier);
  for (const { name } of ROLLED_TIERS.slice(0, place + 1).toReversed()) {
    const end = Math.min(until, doneUntil.get(name) ?? start);
    if (end <= start) continue;
    parts.push({ tier: name, from: start, until: end });
    start = end;
  }
  if (start < until) parts.push({ tier: 'raw', from: start, until });
  return parts;
};
