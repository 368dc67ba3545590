/** `npm run bench -- logs`: from the guest's journal to the browser. */
import type { PartContext, PartResult } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { makeContenders } from './contender.ts';
import { makeJournal } from './journal.ts';
import { measureArrivals, type ArrivalFigures } from './measure-arrival.ts';
import { measureReading, type ReadingFigures } from './measure-reading.ts';
import { makePlan } from './plan.ts';
import { formatSources } from './tables.ts';

export const benchLogs = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, folder, signal, progress } = context;
  const plan = makePlan(quick);
  const { contenders, absent } = await makeContenders();
  for (const reason of absent) progress(reason);
  const journal = await makeJournal(folder, plan.entries);
  const measured = contenders.map((contender) => ({
    contender,
    reading: new Array<ReadingFigures>(),
    arrival: new Array<ArrivalFigures>(),
  }));
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}`);
    for (const { contender, reading } of measured) {
      const figures = await measureReading(contender, journal, signal);
      reading.push(figures);
      progress(`  ${contender.name}: ${formatNumber(figures.cpuUsPerEntry)} µs of CPU per entry`);
    }
    const arrivals = await measureArrivals(contenders, plan.lines, signal);
    if ('reason' in arrivals) {
      progress(`  arrival is not measured: ${arrivals.reason}`);
      continue;
    }
    for (const { contender, arrival } of measured) {
      const figures = arrivals.get(contender);
      if (figures === undefined) continue;
      arrival.push(figures);
      progress(`  ${contender.name}: p50 ${formatNumber(figures.p50Ms)} ms to a client`);
    }
  }
  const sources = measured.map(({ contender: { key, name }, reading, arrival }) => ({
    key,
    name,
    reading,
    arrival,
  }));
  const markdown = [formatSources(plan, sources), ...absent].join('\n\n');
  return { markdown, data: { plan, sources, absent } };
};
