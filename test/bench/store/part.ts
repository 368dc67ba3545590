/** `npm run bench -- store`: what a sample costs in Postgres, and how long a history takes. */
import type { PartContext, PartResult } from '../part.ts';
import { makeReachable } from './database.ts';
import type { StoreFigures } from './figures.ts';
import { measureRun } from './measure-run.ts';
import { makePlan } from './plan.ts';
import { formatStoreSection } from './tables.ts';

export const benchStore = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, folder, signal, progress } = context;
  const plan = makePlan(quick);
  makeReachable(folder);
  const measured: StoreFigures[] = [];
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}`);
    measured.push(await measureRun(folder, { plan, signal, progress }));
  }
  const [first] = measured;
  if (first === undefined) throw new Error('there was no run');
  return {
    markdown: formatStoreSection(plan, first.version, measured),
    data: { plan, runs: measured },
  };
};
