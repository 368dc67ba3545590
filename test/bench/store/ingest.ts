/** The manager's writer on its own Postgres, as fast as it goes: batches of five seconds. */
import type { MetricField, Reading } from '@innkeeper/protocol';
import type { Database } from '../../../apps/manager/src/database/database.ts';
import type { Writer } from '../../../apps/manager/src/store/writer.ts';
import { readingWith } from '../../support/store-reading.ts';
import { cpuBetween, readCpuTime } from '../measure/cpu-time.ts';
import { numberFrom } from './answers.ts';
import type { BenchDatabase } from './database.ts';
import type { IngestFigures } from './figures.ts';
import type { Plan } from './plan.ts';
import type { SteppedClock } from './stepped-clock.ts';

/** The writer's own pace. */
const FLUSH_SECONDS = 5;

/** Different in each VM and second, as measured values are. */
const valueOf =
  (vm: number, second: number) =>
  (field: MetricField): number =>
    ((vm * 31 + second * 17 + field.length * 7) % 997) / 10 + second / 1_000;

const makeReadings = (vms: number, from: number, startMs: number): Reading[] =>
  Array.from({ length: FLUSH_SECONDS }, (_, offset) => from + offset).flatMap((second) =>
    Array.from({ length: vms }, (_, vm) =>
      // Each VM has its place in the second.
      readingWith(startMs + second * 1_000 + (vm % 1_000), valueOf(vm, second)),
    ),
  );

const SIZES = `
  SELECT sum(pg_relation_size(relid))::float8 AS heap, sum(pg_indexes_size(relid))::float8 AS indexes,
         (SELECT count(*) FROM sample)::float8 AS rows
  FROM pg_partition_tree('sample') WHERE isleaf`;

const walBytes = async (database: Database): Promise<number> => {
  const text = `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS bytes`;
  const { rows } = await database.query({ text });
  return numberFrom(rows[0], 'bytes');
};

/** The same VMs in each batch; the clock goes on with the samples. */
export const measureIngest = async (
  { database, pid }: BenchDatabase,
  writer: Writer,
  clock: SteppedClock,
  { vms, seconds, warmUpSeconds }: Plan,
): Promise<IngestFigures> => {
  const startMs = clock.now();
  const write = async (
    fromSecond: number,
    toSecond: number,
  ): Promise<{ ms: number; cpu: number }> => {
    const spent = { ms: 0, cpu: 0 };
    for (let second = fromSecond; second < toSecond; second += FLUSH_SECONDS) {
      const readings = makeReadings(vms, second, startMs);
      clock.set(startMs + (second + FLUSH_SECONDS) * 1_000);
      const cpuBefore = process.cpuUsage();
      const before = performance.now();
      for (const [index, reading] of readings.entries()) writer.add(1 + (index % vms), reading);
      if (!(await writer.flush())) throw new Error('the writer could not write');
      spent.ms += performance.now() - before;
      const cpu = process.cpuUsage(cpuBefore);
      spent.cpu += cpu.user + cpu.system;
    }
    return spent;
  };
  await write(0, warmUpSeconds);
  await database.query({ text: 'CHECKPOINT' });
  const writtenBefore = writer.stats().rows.written;
  const walBefore = await walBytes(database);
  const serverBefore = readCpuTime(pid);
  const spent = await write(warmUpSeconds, warmUpSeconds + seconds);
  await database.query({ text: 'CHECKPOINT' });
  const serverMs = cpuBetween(serverBefore, readCpuTime(pid));
  const wal = (await walBytes(database)) - walBefore;
  const rows = writer.stats().rows.written - writtenBefore;
  if (rows !== vms * seconds) throw new Error(`${rows} rows were written, not ${vms * seconds}`);
  const sizes = (await database.query({ text: SIZES })).rows[0];
  const stored = numberFrom(sizes, 'rows');
  return {
    rows,
    seconds: spent.ms / 1_000,
    nodeCpuUsPerRow: spent.cpu / rows,
    serverCpuUsPerRow: (serverMs * 1_000) / rows,
    heapBytesPerRow: numberFrom(sizes, 'heap') / stored,
    indexBytesPerRow: numberFrom(sizes, 'indexes') / stored,
    walBytesPerRow: wal / rows,
  };
};
