import { describe, expect, it } from 'vitest';
import { parseMemorySize } from './memory-size.ts';

const MIB = 1024 * 1024;

describe('parseMemorySize', () => {
  it.each([
    ['2048', 2048 * MIB],
    ['2048M', 2048 * MIB],
    ['1048576k', 1024 * MIB],
    ['4G', 4096 * MIB],
    ['4g', 4096 * MIB],
    ['1.5G', 1536 * MIB],
    ['1T', 1024 * 1024 * MIB],
    ['536870912b', 512 * MIB],
    ['4GiB', 4096 * MIB],
    ['16E', 2 ** 64],
  ])('reads %s', (text, bytes) => {
    expect(parseMemorySize(text, 'm')).toBe(bytes);
  });

  it('counts bytes where the program does', () => {
    expect(parseMemorySize('536870912', 'b')).toBe(512 * MIB);
  });

  it.each(['', '0', '-1', 'G', '4X', '1e3', '0x10', ' 4G', '17E', '9'.repeat(17), undefined])(
    'does not read %s',
    (text) => {
      expect(parseMemorySize(text, 'm')).toBeUndefined();
    },
  );
});
