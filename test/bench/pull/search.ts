/** How many guests this machine holds: larger and larger fleets, until one is too many. */
import type { LoadFigures } from './figures.ts';
import { measureLoad, type LoadTools } from './measure-load.ts';
import { makeFleet, type Ladder, type Plan } from './plan.ts';

/** Beyond either, the fleet is too large. */
const MAX_P99_MS = 100;
const MAX_MISSED = 0.001;

export const holds = ({ p99Ms, missedShare }: LoadFigures): boolean =>
  p99Ms <= MAX_P99_MS && missedShare <= MAX_MISSED;

/** All that were tried, in this order. */
export const searchCapacity = async (
  { stepWarmUpMs, stepWindowMs }: Plan,
  { intervalMs, up, down }: Ladder,
  tools: LoadTools,
  progress: (line: string) => void,
): Promise<LoadFigures[]> => {
  const tried: LoadFigures[] = [];
  const tryOne = async (guests: number): Promise<boolean> => {
    const timing = { warmUpMs: stepWarmUpMs, windowMs: stepWindowMs };
    const one = await measureLoad(makeFleet(guests, intervalMs), timing, tools);
    tried.push(one);
    const verdict = holds(one) ? 'held' : 'too many';
    progress(`  ${guests} guests each ${intervalMs / 1_000} s: ${verdict}`);
    return holds(one);
  };
  for (const guests of up) if (!(await tryOne(guests))) break;
  if (tried.some(holds)) return tried;
  for (const guests of down) if (await tryOne(guests)) break;
  return tried;
};
