import type { Mount } from '@innkeeper/procfs';
import { describe, expect, it } from 'vitest';
import { watchedMounts } from './mounts.ts';

const mount = (mountPoint: string, fsType = 'ext4', change: Partial<Mount> = {}): Mount => ({
  deviceId: '254:1',
  root: '/',
  mountPoint,
  options: 'rw',
  fsType,
  source: '/dev/vda1',
  superOptions: 'rw',
  readOnly: false,
  ...change,
});

const points = (...mounts: readonly Mount[]): readonly string[] =>
  watchedMounts(mounts).map(({ mountPoint }) => mountPoint);

const hanging = (...mounts: readonly Mount[]): readonly string[] =>
  watchedMounts(mounts)
    .filter(({ mayHang }) => mayHang)
    .map(({ mountPoint }) => mountPoint);

describe('watchedMounts', () => {
  it('keeps what describes a mount', () => {
    expect(watchedMounts([mount('/', 'ext4', { readOnly: true })])).toEqual([
      {
        device: '/dev/vda1',
        deviceId: '254:1',
        mountPoint: '/',
        fsType: 'ext4',
        readOnly: true,
        mayHang: false,
        onlyInSample: false,
      },
    ]);
  });

  it('keeps a root that is an overlay for the sample, where node_exporter ignores it', () => {
    expect(watchedMounts([mount('/', 'overlay'), mount('/merged', 'overlay')])).toEqual([
      expect.objectContaining({ mountPoint: '/', onlyInSample: true, mayHang: false }),
    ]);
  });

  it.each([
    'proc',
    'sysfs',
    'cgroup2',
    'overlay',
    'squashfs',
    'autofs',
    'nsfs',
    'devtmpfs',
    'tracefs',
  ])('leaves out %s, which holds no data of its own', (fsType) => {
    expect(points(mount('/x', fsType))).toEqual([]);
  });

  it.each([
    '/dev',
    '/dev/shm',
    '/proc',
    '/proc/fs/nfsd',
    '/sys',
    '/sys/fs/bpf',
    '/run/credentials/systemd-sysusers.service',
    '/var/lib/docker/overlay2/abc/merged',
    '/var/lib/containers/storage/overlay',
  ])('leaves out %s', (mountPoint) => {
    expect(points(mount(mountPoint, 'tmpfs'))).toEqual([]);
  });

  it.each([
    '/',
    '/device',
    '/process',
    '/system',
    '/run',
    '/run/credentials',
    '/var/lib/docker',
    '/srv/dev',
  ])('keeps %s', (mountPoint) => {
    expect(points(mount(mountPoint))).toEqual([mountPoint]);
  });

  it('lets the last one of mounts on one point win, for it hides the others', () => {
    const stacked = watchedMounts([
      mount('/mnt', 'nfs4', { source: 'server:/old' }),
      mount('/mnt', 'ext4', { source: '/dev/vdb' }),
    ]);
    expect(stacked).toMatchObject([{ fsType: 'ext4', device: '/dev/vdb', mayHang: false }]);
    expect(points(mount('/mnt', 'ext4'), mount('/mnt', 'proc'))).toEqual([]);
  });

  it.each(['ext4', 'xfs', 'btrfs', 'tmpfs', 'vfat', 'zfs'])('asks %s at once', (fsType) => {
    expect(hanging(mount('/x', fsType))).toEqual([]);
  });

  it.each([
    'nfs',
    'nfs4',
    'cifs',
    'fuse.sshfs',
    'fuse',
    '9p',
    'virtiofs',
    'ceph',
    'never-heard-of',
  ])('asks %s aside, for it may never answer', (fsType) => {
    expect(hanging(mount('/x', fsType))).toEqual(['/x']);
  });

  it('asks a local filesystem below a network mount aside, for the way there may hang', () => {
    expect(
      hanging(
        mount('/'),
        mount('/net', 'nfs4'),
        mount('/net/disk'),
        mount('/net/deep/er/disk'),
        mount('/network'),
        mount('/other'),
      ),
    ).toEqual(['/net', '/net/disk', '/net/deep/er/disk']);
  });

  it('asks everything aside where the root itself is on the network', () => {
    expect(hanging(mount('/', 'nfs4'), mount('/data'), mount('/boot', 'vfat'))).toEqual([
      '/',
      '/data',
      '/boot',
    ]);
  });

  it('fears no container root, and no filesystem of the kernel', () => {
    expect(hanging(mount('/', 'overlay'), mount('/data'), mount('/proc', 'proc'))).toEqual([]);
  });

  it('gives nothing for no mounts', () => {
    expect(watchedMounts([])).toEqual([]);
  });
});
