/** The device parts of a sample: pressure, disks, filesystems, networks. */
import type { DiskStats, Pressure } from '@innkeeper/procfs';
import type { Sample } from '@innkeeper/protocol';
import { SECTOR_BYTES } from '../collectors/diskstats.ts';
import type { Filesystem } from '../collectors/filesystem.ts';
import type { InterfaceState } from '../collectors/interface-state.ts';
import type { Interface } from '../collectors/netdev.ts';
import type { Pressures } from '../collectors/pressure.ts';

type List<Key extends 'disks' | 'filesystems' | 'networks'> = NonNullable<Sample[Key]>[number];

const MAX_ERROR_CHARACTERS = 500;
/** As many of each as the wire allows. */
const MAX_LIST = 8192;
/** A FUSE mount may call its type anything, and one name that is too long spoils a whole sample. */
const MAX_NAME_CHARACTERS = 256;
const MAX_PATH_CHARACTERS = 4096;

const pressureOf = (pressure: Pressure | undefined): NonNullable<Sample['pressure']>['cpu'] => {
  if (pressure === undefined) return null;
  const stall = (kind: Pressure['some']) =>
    kind === undefined
      ? null
      : {
          avg10: kind.avg10,
          avg60: kind.avg60,
          avg300: kind.avg300,
          total_seconds: kind.totalSeconds,
        };
  return { some: stall(pressure.some), full: stall(pressure.full) };
};

export const samplePressure = (pressures: Pressures | undefined): Sample['pressure'] =>
  pressures === undefined
    ? null
    : {
        cpu: pressureOf(pressures.cpu),
        memory: pressureOf(pressures.memory),
        io: pressureOf(pressures.io),
      };

const sampleDisk = (disk: DiskStats): List<'disks'> => ({
  device: disk.device,
  reads_completed_total: disk.readsCompleted,
  read_bytes_total: disk.sectorsRead * SECTOR_BYTES,
  read_seconds_total: disk.readTimeMs / 1000,
  writes_completed_total: disk.writesCompleted,
  written_bytes_total: disk.sectorsWritten * SECTOR_BYTES,
  write_seconds_total: disk.writeTimeMs / 1000,
  io_seconds_total: disk.ioTimeMs / 1000,
  io_weighted_seconds_total: disk.weightedIoTimeMs / 1000,
  io_in_progress: disk.ioInProgress,
});

export const sampleDisks = (disks: readonly DiskStats[] | undefined): Sample['disks'] =>
  disks?.slice(0, MAX_LIST).map(sampleDisk) ?? null;

const sampleFilesystem = ({ mount, space }: Filesystem): List<'filesystems'> => {
  const known = space.ok ? space.space : undefined;
  return {
    device: mount.device.slice(0, MAX_NAME_CHARACTERS),
    mountpoint: mount.mountPoint.slice(0, MAX_PATH_CHARACTERS),
    fstype: mount.fsType.slice(0, MAX_NAME_CHARACTERS),
    readonly: mount.readOnly,
    size_bytes: known === undefined ? null : known.blocks * known.blockSize,
    free_bytes: known === undefined ? null : known.blocksFree * known.blockSize,
    available_bytes: known === undefined ? null : known.blocksAvailable * known.blockSize,
    // vfat and btrfs have no fixed number of inodes and say 0, which would read as full.
    files: known === undefined || known.files === 0 ? null : known.files,
    files_free: known === undefined || known.files === 0 ? null : known.filesFree,
    error: space.ok ? null : space.error.slice(0, MAX_ERROR_CHARACTERS),
  };
};

/** A mount that answered tells more than one with a nicer name that did not. */
const isBetter = (one: Filesystem, other: Filesystem): boolean =>
  one.space.ok === other.space.ok
    ? one.mount.mountPoint.length < other.mount.mountPoint.length
    : one.space.ok;

/**
 * Each device once, under its shortest mount point: a bind mount has no space of its own, and adding
 * it up would count the same bytes twice.
 */
const oncePerDevice = (filesystems: readonly Filesystem[]): readonly Filesystem[] => {
  const byDevice = new Map<string, Filesystem>();
  for (const filesystem of filesystems) {
    const { deviceId } = filesystem.mount;
    const known = byDevice.get(deviceId);
    if (known === undefined || isBetter(filesystem, known)) {
      byDevice.set(deviceId, filesystem);
    }
  }
  return [...byDevice.values()];
};

export const sampleFilesystems = (
  filesystems: readonly Filesystem[] | undefined,
): Sample['filesystems'] =>
  filesystems === undefined
    ? null
    : oncePerDevice(filesystems).slice(0, MAX_LIST).map(sampleFilesystem);

export const sampleNetworks = (
  interfaces: readonly Interface[] | undefined,
  states: readonly InterfaceState[] | undefined,
): Sample['networks'] => {
  if (interfaces === undefined) return null;
  // Empty is what an attribute is that cannot be read.
  const operstates = new Map(
    states?.flatMap(({ device, operstate }) => (operstate === '' ? [] : [[device, operstate]])),
  );
  return interfaces.slice(0, MAX_LIST).map(({ counters: { device, receive, transmit } }) => ({
    device,
    operstate: operstates.get(device) ?? null,
    receive_bytes_total: receive.bytes,
    receive_packets_total: receive.packets,
    receive_errs_total: receive.errs,
    receive_drop_total: receive.drop,
    transmit_bytes_total: transmit.bytes,
    transmit_packets_total: transmit.packets,
    transmit_errs_total: transmit.errs,
    transmit_drop_total: transmit.drop,
  }));
};
