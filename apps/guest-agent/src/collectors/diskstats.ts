/** /proc/diskstats: what each block device read and wrote, and which device it is. */
import { parseDiskstats, parseUdevData, type DiskStats } from '@innkeeper/procfs';
import { cacheLabels, formatLabels } from '../exposition/labels.ts';
import type { Clock, Files } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';

/** Partitions, RAM disks, loop devices and floppies: their traffic is counted by what is below. */
const IGNORED = /^(?:z?ram|loop|fd|(?:h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/u;
/** node_exporter counts compressed RAM disks as disks, and swap on zram is worth seeing. */
const KEPT = /^zram\d+$/u;
/** A sector of /proc/diskstats is 512 bytes, whatever the device's own sectors are. */
export const SECTOR_BYTES = 512;
const UDEV_DATA = '/run/udev/data';
/** How long a volume may wear the serial of the one before it, or none that udev found later. */
const INFO_MAX_AGE_MS = 60_000;

const deviceLabel = cacheLabels((device: string) => ({ device }));

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly valueFrom: (disk: DiskStats) => number | undefined;
}

const seconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1000;

const counter = (name: string, help: string, valueFrom: Family['valueFrom']): Family => ({
  name: `node_disk_${name}_total`,
  type: 'counter',
  help,
  valueFrom,
});

const FAMILIES: readonly Family[] = [
  counter('reads_completed', 'Reads completed.', (disk) => disk.readsCompleted),
  counter('reads_merged', 'Reads merged with others.', (disk) => disk.readsMerged),
  counter('read_bytes', 'Bytes read.', (disk) => disk.sectorsRead * SECTOR_BYTES),
  counter('read_time_seconds', 'Seconds spent on reads.', (disk) => seconds(disk.readTimeMs)),
  counter('writes_completed', 'Writes completed.', (disk) => disk.writesCompleted),
  counter('writes_merged', 'Writes merged with others.', (disk) => disk.writesMerged),
  counter('written_bytes', 'Bytes written.', (disk) => disk.sectorsWritten * SECTOR_BYTES),
  counter('write_time_seconds', 'Seconds spent on writes.', (disk) => seconds(disk.writeTimeMs)),
  {
    name: 'node_disk_io_now',
    type: 'gauge',
    help: 'Reads and writes under way.',
    valueFrom: (disk) => disk.ioInProgress,
  },
  counter('io_time_seconds', 'Seconds with any I/O under way.', (disk) => seconds(disk.ioTimeMs)),
  counter('io_time_weighted_seconds', 'Seconds of I/O, each request counted.', (disk) =>
    seconds(disk.weightedIoTimeMs),
  ),
  counter('discards_completed', 'Discards completed.', (disk) => disk.discards?.completed),
  counter('discards_merged', 'Discards merged with others.', (disk) => disk.discards?.merged),
  counter('discarded_sectors', 'Sectors discarded.', (disk) => disk.discards?.sectors),
  counter('discard_time_seconds', 'Seconds spent on discards.', (disk) =>
    seconds(disk.discards?.timeMs),
  ),
  counter('flush_requests', 'Flushes completed.', (disk) => disk.flushes?.completed),
  counter('flush_requests_time_seconds', 'Seconds spent on flushes.', (disk) =>
    seconds(disk.flushes?.timeMs),
  ),
];

const readInfoLabel = (
  files: Pick<Files, 'readText'>,
  { device, major, minor }: DiskStats,
): string => {
  const text = files.readText(`${UDEV_DATA}/b${major}:${minor}`);
  const parsed = text.ok ? parseUdevData(text.value) : undefined;
  const udev = parsed?.ok === true ? parsed.value : new Map<string, string>();
  return formatLabels({
    device,
    major: String(major),
    minor: String(minor),
    model: udev.get('ID_MODEL') ?? '',
    path: udev.get('ID_PATH') ?? '',
    revision: udev.get('ID_REVISION') ?? '',
    serial: udev.get('SCSI_IDENT_SERIAL') ?? udev.get('ID_SERIAL_SHORT') ?? '',
    wwn: udev.get('ID_WWN') ?? '',
  });
};

interface Info {
  readonly label: string;
  readonly readAtMs: number;
}

/**
 * What udev knows of a device hardly ever changes, and the file is not worth reading each second.
 * Only the devices of the last reading are kept.
 */
const makeInfoLabels = (
  files: Pick<Files, 'readText'>,
  clock: Pick<Clock, 'monotonicMs'>,
): ((disks: readonly DiskStats[]) => readonly string[]) => {
  let known: ReadonlyMap<string, Info> = new Map();
  return (disks) => {
    const now = clock.monotonicMs();
    const current = new Map<string, Info>();
    const labels = disks.map((disk) => {
      const key = `${disk.major}:${disk.minor}:${disk.device}`;
      const before = known.get(key);
      const info =
        before !== undefined && now - before.readAtMs < INFO_MAX_AGE_MS
          ? before
          : { label: readInfoLabel(files, disk), readAtMs: now };
      current.set(key, info);
      return info.label;
    });
    known = current;
    return labels;
  };
};

export const makeDiskstatsCollector = (
  kernel: KernelFiles,
  files: Pick<Files, 'readText'>,
  clock: Pick<Clock, 'monotonicMs'>,
): Collector<readonly DiskStats[]> => {
  const source = kernel.proc('diskstats');
  const infoLabels = makeInfoLabels(files, clock);
  return {
    name: 'diskstats',
    collect: (): Collected<readonly DiskStats[]> => {
      const disks = readParsed(source, parseDiskstats);
      if (!disks.ok) return disks;
      return collected(
        disks.value.filter(({ device }) => KEPT.test(device) || !IGNORED.test(device)),
      );
    },
    expose: (disks, out) => {
      out.family('node_disk_info', 'gauge', 'What udev knows of each disk; always 1.');
      infoLabels(disks).forEach((label) => out.sample(label, 1));
      FAMILIES.forEach(({ name, type, help, valueFrom }) => {
        out.family(name, type, help);
        disks.forEach((disk) => out.sample(deviceLabel(disk.device), valueFrom(disk)));
      });
    },
  };
};
