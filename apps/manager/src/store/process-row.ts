/** The busiest processes of a VM as column `top` of table process_snapshot has them. */
import { nameSchema, type PastProcess, type ProcessEntry } from '@innkeeper/protocol';
import { z } from 'zod';

/** As many as an agent sends; another sender's list is cut. */
const MAX_PROCESSES = 16;
const MAX_NAME = 64;
const KIB = 1024;

/** What a guest calls its processes. Postgres takes neither NUL nor half of a surrogate pair. */
const cleanName = (name: string): string =>
  Buffer.from(name.slice(0, MAX_NAME).replaceAll('\0', ''), 'utf8').toString('utf8');

const tenths = (value: number): number => Math.round(value * 10) / 10;
const tenthsOf = (value: number | null): number | null => (value === null ? null : tenths(value));

/** Short: this is 400 bytes for each VM and minute. */
export const encodeTop = (top: readonly ProcessEntry[]): string =>
  JSON.stringify(
    top
      .slice(0, MAX_PROCESSES)
      .map(({ pid, name, user, uid, cpu_usage_percent: cpu, rss_bytes: rss, ...process }) => [
        pid,
        cleanName(name),
        user === null ? (uid?.toString() ?? null) : cleanName(user),
        tenthsOf(cpu),
        Math.round(rss / KIB),
        tenthsOf(process.memory_usage_percent),
      ]),
  );

const topSchema = z.array(
  z.tuple([
    z.int().positive(),
    nameSchema,
    nameSchema.nullable(),
    z.number().nonnegative().nullable(),
    z.number().nonnegative(),
    z.number().min(0).max(100).nullable(),
  ]),
);

export const decodeTop = (top: unknown): PastProcess[] =>
  topSchema.parse(top).map(([pid, name, user, cpu, rssKib, memory]) => ({
    pid,
    user,
    name,
    cpu_usage_percent: cpu,
    rss_bytes: rssKib * KIB,
    memory_usage_percent: memory,
  }));
