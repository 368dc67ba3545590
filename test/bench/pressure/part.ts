/** `npm run bench -- pressure`: agents in a guest of 128 MB whose memory is taken to the last page. */
import { join } from 'node:path';
import { obtainGuestParts } from '../../support/pressure-guest/disk.ts';
import { measureUnderPressure, type UnderPressure } from '../../support/pressure-guest/guest.ts';
import type { PartContext, PartResult } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { median } from '../report/statistics.ts';
import { formatResults } from './tables.ts';

/** As Prometheus has it by default. */
const TIMEOUT_MS = 10_000;

export const benchPressure = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, folder, signal, progress } = context;
  const obtained = await obtainGuestParts();
  if (!obtained.ok) throw new Error(obtained.reason);
  const times = quick
    ? { calmSeconds: 10, pressureSeconds: 30 }
    : { calmSeconds: 30, pressureSeconds: 120 };
  const figures: UnderPressure[] = [];
  for (let run = 0; run < runs; run += 1) {
    signal.throwIfAborted();
    progress(`run ${run + 1} of ${runs}`);
    const figure = await measureUnderPressure(obtained.parts, {
      folder: join(folder, `pressure-${run}`),
      timeoutMs: TIMEOUT_MS,
      ...times,
    });
    for (const [name, { pressure }] of Object.entries(figure.agents)) {
      const { answeredMs, failures } = pressure;
      const middle = answeredMs.length === 0 ? 'none' : `${formatNumber(median(answeredMs))} ms`;
      progress(`  ${name}: answers at the limit ${middle} (median), ${failures} failed`);
    }
    figures.push(figure);
  }
  const { exporterVersion } = obtained.parts;
  const results = {
    exporterVersion,
    timeoutMs: TIMEOUT_MS,
    pressureSeconds: times.pressureSeconds,
    runs: figures,
  };
  return { markdown: formatResults(results), data: results };
};
