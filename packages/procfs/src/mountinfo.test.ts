import { describe, expect, it } from 'vitest';
import { parseMountinfo } from './mountinfo.ts';
import { MOUNTINFO } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

const only = (line: string) => valueOf(parseMountinfo(`${line}\n`))[0];

describe('parseMountinfo', () => {
  it('reads mounts with none, one and two optional fields', () => {
    const mounts = valueOf(parseMountinfo(MOUNTINFO));
    expect(mounts.map(({ mountPoint, fsType }) => [mountPoint, fsType])).toEqual([
      ['/proc', 'proc'],
      ['/', 'ext4'],
      ['/mnt two', 'ext3'],
    ]);
    expect(mounts[2]).toEqual({
      deviceId: '98:0',
      root: '/mnt1',
      mountPoint: '/mnt two',
      options: 'ro,noatime',
      fsType: 'ext3',
      source: '/dev/root',
      superOptions: 'rw',
      readOnly: true,
    });
  });

  it.each([
    ['rw', 'rw', false],
    ['ro', 'rw', true],
    ['rw', 'ro,data=ordered', true],
    ['rw,errors=remount-ro', 'rw,norecovery', false],
  ])('with the options %s and %s says read-only: %s', (options, superOptions, readOnly) => {
    expect(only(`1 1 8:1 / / ${options} - ext4 /dev/sda1 ${superOptions}`)).toMatchObject({
      readOnly,
    });
  });

  it('accepts an empty source', () => {
    expect(only('1 1 0:5 / /x rw - tmpfs  rw')).toMatchObject({ source: '', superOptions: 'rw' });
  });

  it('decodes what the kernel escapes, and nothing twice', () => {
    const line = '1 1 0:5 /\\134040 /a\\040b\\011c\\012d\\043e rw - cifs //s/\\377 rw';
    expect(only(line)).toMatchObject({
      root: '/\\040',
      mountPoint: '/a b\tc\nd#e',
      source: '//s/\\377',
    });
  });

  it.each([
    '1 1 8:1 / / rw ext4 /dev/sda1 rw',
    '1 1 8:1 / / rw - ext4',
    '- - -',
    '1 1 x / / rw - a b c',
  ])('is malformed: %s', (line) => {
    expect(errorOf(parseMountinfo(`${line}\n`)).problem).toBe('malformed');
  });
});
