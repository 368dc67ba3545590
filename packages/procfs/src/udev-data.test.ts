import { describe, expect, it } from 'vitest';
import { UDEV_DATA } from './testing/samples.ts';
import { valueOf } from './testing/unwrap.ts';
import { parseUdevData } from './udev-data.ts';

describe('parseUdevData', () => {
  it('takes the properties and nothing else', () => {
    expect([...valueOf(parseUdevData(UDEV_DATA))]).toEqual([
      ['ID_FS_TYPE', 'ext4'],
      ['ID_PATH', 'pci-0000:00:05.0'],
    ]);
  });

  it('keeps further equals signs and empty values', () => {
    expect([...valueOf(parseUdevData('E:A=b=c\nE:D=\nE:novalue\nE:=x\n'))]).toEqual([
      ['A', 'b=c'],
      ['D', ''],
    ]);
  });
});
