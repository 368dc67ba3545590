/** `npm run bench -- logs`: from the guest's journal to the browser. */
import type { PartContext, PartResult } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { makeContenders } from './contender.ts';
import { makeJournal } from './journal.ts';
import { measureArrivals, type ArrivalFigures } from './measure-arrival.ts';
import { measureReading, type ReadingFigures } from './measure-reading.ts';
import { makeViewing, type ViewingFigures } from './measure-viewing.ts';
import { makePlan } from './plan.ts';
import { formatSources } from './tables.ts';
import { formatViewing } from './viewing-tables.ts';

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
  const viewed: ViewingFigures[] = [];
  const viewing = await makeViewing(plan, context);
  try {
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
      const seen = await viewing.measureRun();
      if (!('reason' in seen)) viewed.push(seen);
    }
  } finally {
    await viewing.stop();
  }
  const sources = measured.map(({ contender: { key, name }, reading, arrival }) => ({
    key,
    name,
    reading,
    arrival,
  }));
  const browser = viewing.version;
  const parts = [formatSources(plan, sources), ...absent];
  parts.push(formatViewing({ plan, browser, runs: viewed }));
  return { markdown: parts.join('\n\n'), data: { plan, sources, absent, browser, viewed } };
};
