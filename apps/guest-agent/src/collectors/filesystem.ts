/** Space and inodes of every filesystem that holds data. */
import { parseMountinfo } from '@innkeeper/procfs';
import { formatLabels } from '../exposition/labels.ts';
import { watchedMounts, type WatchedMount } from '../filesystems/mounts.ts';
import { makeOwnView, type IsVisible } from '../filesystems/own-view.ts';
import type { ProbeSpace, Space } from '../filesystems/space-probe.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';

export interface Filesystem {
  readonly mount: WatchedMount;
  readonly space: Space;
}

/** Counting space by label set, as node_exporter does: bind mounts of one device are all shown. */
const labelsOf = ({ mount }: Filesystem): string =>
  formatLabels({ device: mount.device, fstype: mount.fsType, mountpoint: mount.mountPoint });

type SpaceNumber = (filesystem: Filesystem) => number | undefined;

const ofSpace =
  (number: (space: Extract<Space, { ok: true }>['space']) => number): SpaceNumber =>
  ({ space }) =>
    space.ok ? number(space.space) : undefined;

const FAMILIES: readonly (readonly [name: string, help: string, valueFrom: SpaceNumber])[] = [
  [
    'avail_bytes',
    'Space that ordinary users can still use.',
    ofSpace((space) => space.blocksAvailable * space.blockSize),
  ],
  [
    'device_error',
    '1 where the filesystem could not be asked, or did not answer in time.',
    ({ space }) => (space.ok ? 0 : 1),
  ],
  ['files', 'Inodes.', ofSpace((space) => space.files)],
  ['files_free', 'Inodes that are free.', ofSpace((space) => space.filesFree)],
  ['free_bytes', 'Space that is free.', ofSpace((space) => space.blocksFree * space.blockSize)],
  [
    'readonly',
    '1 where the filesystem is mounted read-only.',
    ({ mount, space }) => (space.ok ? Number(mount.readOnly) : undefined),
  ],
  ['size_bytes', 'Size of the filesystem.', ofSpace((space) => space.blocks * space.blockSize)],
];

/** Of two mounts that read the same (an unmounted and mounted again one), the last one counts. */
const distinct = (filesystems: readonly Filesystem[]): ReadonlyMap<string, Filesystem> =>
  new Map(
    filesystems
      .filter(({ mount }) => !mount.onlyInSample)
      .map((filesystem) => [labelsOf(filesystem), filesystem]),
  );

const NOT_VISIBLE: Space = {
  ok: false,
  error: 'not visible to the agent: it runs in a mount namespace of its own',
};

interface View {
  readonly mounts: readonly WatchedMount[];
  readonly isVisible: IsVisible;
}

export const makeFilesystemCollector = (
  kernel: KernelFiles,
  probe: ProbeSpace,
): Collector<readonly Filesystem[]> => {
  // Process 1 sees what the machine sees; a hardened unit gives the agent a view of its own.
  const machine = kernel.proc('1/mountinfo', { long: true });
  const own = kernel.proc('self/mountinfo', { long: true });
  const ownView = makeOwnView(kernel);

  const readView = (): Collected<View> => {
    let text = '';
    const mounts = readParsed(machine, (read) => {
      text = read;
      return parseMountinfo(read);
    });
    if (mounts.ok) {
      return collected({ mounts: watchedMounts(mounts.value), isVisible: ownView(text) });
    }
    const ownMounts = readParsed(own, parseMountinfo);
    if (!ownMounts.ok) return ownMounts;
    return collected({ mounts: watchedMounts(ownMounts.value), isVisible: () => true });
  };

  return {
    name: 'filesystem',
    collect: () => {
      const view = readView();
      if (!view.ok) return view;
      const { mounts, isVisible } = view.value;
      const spaces = mounts.map((mount) => (isVisible(mount) ? probe(mount) : NOT_VISIBLE));
      const withSpaces = (answers: readonly Space[]): Collected<readonly Filesystem[]> =>
        collected(
          mounts.flatMap((mount, index) => {
            const space = answers[index];
            return space === undefined ? [] : [{ mount, space }];
          }),
        );
      const immediate = spaces.filter((space): space is Space => !(space instanceof Promise));
      // Most machines have only local filesystems, and their answer needs no turn of the event loop.
      if (immediate.length === spaces.length) return withSpaces(immediate);
      return Promise.all(spaces.map(async (space) => space)).then(withSpaces);
    },
    expose: (filesystems, out) => {
      const byLabels = distinct(filesystems);
      for (const [name, help, valueFrom] of FAMILIES) {
        out.family(`node_filesystem_${name}`, 'gauge', help);
        for (const [labels, filesystem] of byLabels) out.sample(labels, valueFrom(filesystem));
      }
    },
  };
};
