import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from './decompress.ts';

const zstd = (content: Uint8Array, level: number): Uint8Array =>
  execFileSync('zstd', [`-${level}`, `--stream-size=${content.length}`, '--no-check', '-c'], {
    input: content,
  });

const hasZstd = ((): boolean => {
  try {
    return zstd(Uint8Array.of(1), 1).length > 0;
  } catch {
    return false;
  }
})();

const mixed = (seed: number, length: number): Uint8Array => {
  let state = seed;
  const words = ['error', 'warning ', 'connection from ', '10.0.0.', 'closed', ' ', '\n', 'ümlaut'];
  let text = '';
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += state % 5 === 0 ? String(state) : (words[state % words.length] ?? '');
  }
  return Buffer.from(text.slice(0, length));
};

describe('decompress', () => {
  it.each([
    ['a byte', Buffer.from('x')],
    ['a run', Buffer.alloc(5000, 'x')],
    ['a message', mixed(1, 700)],
    ['a long message', mixed(2, 60_000)],
    ['several blocks', mixed(3, 400_000)],
    ['noise', Uint8Array.from({ length: 3000 }, (_, at) => (at * at * 31 + (at >> 3)) % 251)],
  ])('gives back what zstd has packed at every level: %s', (_, content) => {
    if (!hasZstd) return;
    for (const level of [1, 3, 9, 19]) {
      const packed = zstd(content, level);
      const unpacked = decompress('zstd', packed, 1_000_000);
      expect(unpacked?.length).toBe(content.length);
      expect(Buffer.compare(unpacked?.bytes ?? Buffer.alloc(0), content)).toBe(0);
      const cut = decompress('zstd', packed, 10);
      expect(cut?.length).toBe(content.length);
      expect(Buffer.from(cut?.bytes ?? [])).toEqual(Buffer.from(content.subarray(0, 10)));
    }
  });

  it('never throws, and never gives more than was asked for, whatever the bytes', () => {
    const seeds = hasZstd ? [zstd(mixed(4, 900), 3), zstd(mixed(5, 3000), 19)] : [];
    const magic = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
    const changed = fc
      .tuple(
        fc.constantFrom(magic, ...seeds),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 6 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(2000),
      )
      .map(([base, changes, tail, cut]) => {
        const bytes = Uint8Array.from([...base.subarray(0, Math.max(4, cut)), ...tail]);
        for (const [at, value] of changes) if (at < bytes.length && at > 3) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(changed, fc.constantFrom('zstd', 'lz4', 'xz'), (bytes, compression) => {
        const unpacked = decompress(compression, bytes, 2000);
        expect(unpacked?.bytes.length ?? 0).toBeLessThanOrEqual(2000);
      }),
      { numRuns: 2000 },
    );
  });

  it('unpacks lz4 blocks with copies that overlap', () => {
    const head = [12, 0, 0, 0, 0, 0, 0, 0];
    // "ab", then 10 bytes from 2 before, as journald's length says.
    const block = [0x26, 0x61, 0x62, 2, 0];
    const unpacked = decompress('lz4', Uint8Array.from([...head, ...block]), 100);
    expect(Buffer.from(unpacked?.bytes ?? []).toString()).toBe('abababababab');
    expect(decompress('lz4', Uint8Array.from([...head, 0x26, 0x61, 0x62, 9, 0]), 100)).toBe(
      undefined,
    );
  });
});
