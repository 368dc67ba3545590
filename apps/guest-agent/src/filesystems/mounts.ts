/** Which mounts are worth a look, and which of them could hang. */
import type { Mount } from '@innkeeper/procfs';

/** node_exporter's default choice: what holds no data of its own. */
const IGNORED_TYPES = new Set([
  'autofs',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'devtmpfs',
  'fusectl',
  'hugetlbfs',
  'iso9660',
  'mqueue',
  'nsfs',
  'overlay',
  'proc',
  'procfs',
  'pstore',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'squashfs',
  'sysfs',
  'tracefs',
]);

const IGNORED_MOUNT_POINTS =
  /^\/(?:dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)(?:$|\/)/u;

/**
 * Answered by the kernel from memory or a disk of its own. All others ask somebody who may never
 * answer: an NFS server, a FUSE daemon, a hypervisor's file share.
 */
const LOCAL_TYPES = new Set([
  'bcachefs',
  'btrfs',
  'erofs',
  'exfat',
  'ext2',
  'ext3',
  'ext4',
  'f2fs',
  'jfs',
  'msdos',
  'nilfs2',
  'ntfs3',
  'ramfs',
  'reiserfs',
  'tmpfs',
  'udf',
  'vfat',
  'xfs',
  'zfs',
]);

export interface WatchedMount {
  readonly device: string;
  readonly deviceId: string;
  readonly mountPoint: string;
  readonly fsType: string;
  readonly readOnly: boolean;
  readonly mayHang: boolean;
  /** node_exporter ignores it by default, so the metrics leave it out; the sample shows it. */
  readonly onlyInSample: boolean;
}

const isBelow = (path: string, parent: string): boolean =>
  path !== parent && path.startsWith(parent === '/' ? parent : `${parent}/`);

/**
 * The root is always among them: that of a microVM is often an overlay, and its space is what people
 * ask for first.
 *
 * In the order of the file, where a later mount on the same point hides the earlier one. The path to
 * a local filesystem below a network mount leads through that mount, so it may hang as well.
 */
export const watchedMounts = (mounts: readonly Mount[]): readonly WatchedMount[] => {
  const byPoint = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  const hanging = [...byPoint.values()]
    .filter(({ fsType }) => !LOCAL_TYPES.has(fsType) && !IGNORED_TYPES.has(fsType))
    .map(({ mountPoint }) => mountPoint);
  return [...byPoint.values()]
    .filter(
      ({ fsType, mountPoint }) =>
        (mountPoint === '/' || !IGNORED_TYPES.has(fsType)) &&
        !IGNORED_MOUNT_POINTS.test(mountPoint),
    )
    .map(({ source, deviceId, mountPoint, fsType, readOnly }) => ({
      device: source,
      deviceId,
      mountPoint,
      fsType,
      readOnly,
      mayHang:
        hanging.includes(mountPoint) || hanging.some((parent) => isBelow(mountPoint, parent)),
      onlyInSample: IGNORED_TYPES.has(fsType),
    }));
};
