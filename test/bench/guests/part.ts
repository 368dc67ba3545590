/** `npm run bench -- guests`: real guests of three sizes, from the start of QEMU to their first reading. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { buildAgent, buildManager } from '../../../scripts/build/bundle.ts';
import { NETWORK_LAUNCHER, prepareGuests } from '../../vm/prepare.ts';
import type { PartContext, PartResult } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { guestFiguresSchema, type GuestFigures } from './figures.ts';
import { formatResults } from './tables.ts';

const MEMORY_MIB = [128, 256, 512] as const;
const CALM_SECONDS = 60;
const QUICK_CALM_SECONDS = 5;
const PROGRAM = fileURLToPath(new URL('guest-process.ts', import.meta.url));

const measureGuest = async (
  memoryMib: number,
  calmSeconds: number,
  signal: AbortSignal,
): Promise<GuestFigures> => {
  const program = [process.execPath, '--import', 'tsx', PROGRAM];
  const words = [...NETWORK_LAUNCHER, ...program, String(memoryMib), String(calmSeconds)];
  const [file = '', ...args] = words;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await once(child, 'close');
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (child.exitCode !== 0) throw new Error(`a guest of ${memoryMib} MB could not be measured`);
  return guestFiguresSchema.parse(JSON.parse(printed));
};

export const benchGuests = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, signal, progress } = context;
  const prepared = await prepareGuests(['systemd']);
  if (!prepared.ok) throw new Error(prepared.reason);
  await buildAgent();
  await buildManager();
  const calmSeconds = quick ? QUICK_CALM_SECONDS : CALM_SECONDS;
  const figures: GuestFigures[] = [];
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}`);
    for (const memoryMib of MEMORY_MIB) {
      signal.throwIfAborted();
      const measured = await measureGuest(memoryMib, calmSeconds, signal);
      const seconds = formatNumber(measured.firstReadingSeconds);
      progress(`  ${memoryMib} MB: first reading after ${seconds} s, ${measured.residentKib} KiB`);
      figures.push(measured);
    }
  }
  const results = { calmSeconds, figures };
  return { markdown: formatResults(results), data: results };
};
