/**
 * How fast an agent of ours streams a journal that is kept: every entry of one file, from the file
 * to the client, one in twenty of them long enough to be packed by zstd.
 */
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { obtainJournalWriter, type ExportEntry } from '../../support/journal-remote.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../../support/manager-key.ts';
import type { Children } from '../measure/children.ts';
import { cpuBetween, readCpuTime } from '../measure/cpu-time.ts';
import { readMemory } from '../measure/smaps.ts';
import type { PartContext } from '../part.ts';
import type { Contender } from './contender.ts';
import type { LogFigures, LogRun } from './figures.ts';
import { startContender } from './running.ts';

const ENTRIES = 20_000;
const QUICK_ENTRIES = 2_000;
/** 20,000 entries take a second or two, and ten times that on a busy machine. */
const STREAM_MS = 60_000;
const START_US = 1_760_000_000_000_000;
const VM_ID = 'vm-1';

/** Twelve fields, as entries of services have them. */
const makeEntry = (index: number): ExportEntry => ({
  realtimeUs: START_US + index * 1000,
  monotonicUs: 1_000_000 + index * 1000,
  fields: [
    [
      'MESSAGE',
      index % 20 === 0
        ? `long entry ${index} ${'the quick brown fox '.repeat(40 + (index % 50))}`
        : `entry ${index} with as many words as they have`,
    ],
    ['PRIORITY', String(index % 8)],
    ['_SYSTEMD_UNIT', `unit${index % 7}.service`],
    ['_PID', String(100 + (index % 30))],
    ...Array.from({ length: 8 }, (_, field): [string, string] => [
      `FIELD_${field}`,
      `value ${index % 100} of ${field}`,
    ]),
  ],
});

/** Settles when the stream has ended, with how many lines of it were data. */
const readStream = async (port: number, token: string, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: '/logs?source=journal&follow=false&since=0',
        headers: bearer(token),
        signal: AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)]),
      },
      (answer) => {
        let count = 0;
        let rest = '';
        answer.setEncoding('latin1').on('data', (text: string) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.startsWith('data: {')) count += 1;
        });
        answer.once('end', () => resolve(count));
        answer.once('error', reject);
      },
    );
    asked.once('error', reject);
    asked.end();
  });

export type MeasuredLogs =
  | { readonly ok: true; readonly entries: number; readonly agents: readonly LogFigures[] }
  | { readonly ok: false; readonly reason: string };

export const measureLogs = async (
  contenders: readonly Contender[],
  { runs, quick, folder, signal }: PartContext,
  children: Children,
): Promise<MeasuredLogs> => {
  const writer = await obtainJournalWriter();
  if (!writer.ok) return writer;
  const entries = quick ? QUICK_ENTRIES : ENTRIES;
  const journal = join(folder, 'journal');
  mkdirSync(journal);
  writer.write(
    join(journal, 'system.journal'),
    Array.from({ length: entries }, (_, index) => makeEntry(index)),
  );
  const key = makeManagerKey();
  const token = key.sign({ aud: VM_ID, scope: 'logs', exp: secondsFromNow(24 * 3600) });
  const enrolment = ['--vm-id', VM_ID, '--manager-keys', key.publicKey];

  const measureOnce = async (contender: Contender): Promise<LogRun> => {
    const running = await startContender(
      {
        ...contender,
        command: (port) => [...contender.command(port), ...enrolment, '--journal-paths', journal],
      },
      children,
      signal,
    );
    try {
      const before = readCpuTime(running.pid);
      const began = performance.now();
      const count = await readStream(running.port, token, signal);
      const seconds = (performance.now() - began) / 1000;
      const cpuMs = cpuBetween(before, readCpuTime(running.pid));
      if (count < entries) throw new Error(`${contender.name} told ${count} of ${entries} entries`);
      return {
        entriesPerSecond: entries / seconds,
        cpuMicrosecondsPerEntry: (cpuMs * 1000) / entries,
        memory: readMemory(running.pid),
      };
    } finally {
      await running.stop();
    }
  };

  const measured = contenders.map(({ key: name }): [string, LogRun[]] => [name, []]);
  const runsOf = new Map(measured);
  for (let run = 0; run < runs; run += 1) {
    for (const contender of contenders) {
      runsOf.get(contender.key)?.push(await measureOnce(contender));
    }
  }
  return {
    ok: true,
    entries,
    agents: contenders.map(({ key: name, name: title }) => ({
      name: title,
      runs: runsOf.get(name) ?? [],
    })),
  };
};
