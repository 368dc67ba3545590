/**
 * /proc/diskstats: I/O counters of block devices and partitions.
 * https://www.kernel.org/doc/html/latest/admin-guide/iostats.html and proc_diskstats(5).
 *
 * After major, minor and name come 11 counters, 15 since Linux 4.18 (discards) and 17 since 5.5
 * (flushes). Partitions on 2.6 kernels before 2.6.25 have 4 counters with another meaning, and are
 * left out. A sector is 512 bytes here, whatever the sector size of the device is.
 *
 * A machine without any block device has an empty file.
 */

import { Columns, splitFields } from './fields.ts';
import { malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface DiskStats {
  readonly device: string;
  readonly major: number;
  readonly minor: number;
  readonly readsCompleted: number;
  readonly readsMerged: number;
  readonly sectorsRead: number;
  readonly readTimeMs: number;
  readonly writesCompleted: number;
  readonly writesMerged: number;
  readonly sectorsWritten: number;
  readonly writeTimeMs: number;
  readonly ioInProgress: number;
  readonly ioTimeMs: number;
  readonly weightedIoTimeMs: number;
  readonly discards?: DiscardStats;
  readonly flushes?: FlushStats;
}

export interface DiscardStats {
  readonly completed: number;
  readonly merged: number;
  readonly sectors: number;
  readonly timeMs: number;
}

export interface FlushStats {
  readonly completed: number;
  readonly timeMs: number;
}

const SOURCE = 'diskstats';
const OLD_PARTITION_FIELDS = 7;
const DISCARDS_AT = 14;
const FLUSHES_AT = 18;

export function parseDiskstats(text: string): Parsed<readonly DiskStats[]> {
  // Keyed by name: the file is read in several pieces, and a device that comes or goes between
  // them may appear twice. Two time series with the same labels would spoil a whole scrape.
  const disks = new Map<string, DiskStats>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const fields = splitFields(line);
    if (fields.length === 0 || fields.length === OLD_PARTITION_FIELDS) continue;
    const disk = parseDisk(fields);
    if (disk === undefined) return malformedInput(SOURCE, 'expected I/O counters', line);
    disks.set(disk.device, disk);
  }
  return parsed([...disks.values()]);
}

function parseDisk(fields: readonly string[]): DiskStats | undefined {
  const columns = new Columns(fields);
  const disk: DiskStats = {
    device: fields[2] ?? '',
    major: columns.count(0),
    minor: columns.count(1),
    readsCompleted: columns.count(3),
    readsMerged: columns.count(4),
    sectorsRead: columns.count(5),
    readTimeMs: columns.count(6),
    writesCompleted: columns.count(7),
    writesMerged: columns.count(8),
    sectorsWritten: columns.count(9),
    writeTimeMs: columns.count(10),
    ioInProgress: columns.count(11),
    ioTimeMs: columns.count(12),
    weightedIoTimeMs: columns.count(13),
    ...(fields.length > DISCARDS_AT ? { discards: parseDiscards(columns) } : {}),
    ...(fields.length > FLUSHES_AT ? { flushes: parseFlushes(columns) } : {}),
  };
  return columns.broken ? undefined : disk;
}

function parseDiscards(columns: Columns): DiscardStats {
  return {
    completed: columns.count(DISCARDS_AT),
    merged: columns.count(DISCARDS_AT + 1),
    sectors: columns.count(DISCARDS_AT + 2),
    timeMs: columns.count(DISCARDS_AT + 3),
  };
}

function parseFlushes(columns: Columns): FlushStats {
  return { completed: columns.count(FLUSHES_AT), timeMs: columns.count(FLUSHES_AT + 1) };
}
