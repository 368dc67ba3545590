import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueOf } from './testing/unwrap.ts';
import { parseZoneAbbreviations } from './tzif.ts';

interface ZoneType {
  readonly offset: number;
  readonly name: string;
}

/** One block: header, then times, types and names as RFC 9636 lays them out. */
const block = (version: string, timeBytes: number, times: number, types: readonly ZoneType[]) => {
  const names = types.map(({ name }) => `${name}\0`);
  const header = Buffer.alloc(44);
  header.write(`TZif${version}`, 'latin1');
  header.writeUInt32BE(times, 32);
  header.writeUInt32BE(types.length, 36);
  header.writeUInt32BE(names.join('').length, 40);
  const typeTable = Buffer.alloc(types.length * 6);
  types.forEach(({ offset }, index) => {
    typeTable.writeInt32BE(offset, index * 6);
    typeTable.writeUInt8(names.slice(0, index).join('').length, index * 6 + 5);
  });
  return Buffer.concat([
    header,
    Buffer.alloc(times * (timeBytes + 1)),
    typeTable,
    Buffer.from(names.join('')),
  ]);
};

const berlin = [
  { offset: 3208, name: 'LMT' },
  { offset: 7200, name: 'CEST' },
  { offset: 3600, name: 'CET' },
];

describe('parseZoneAbbreviations', () => {
  it('reads the 64-bit block of a fat file', () => {
    const file = Buffer.concat([block('2', 4, 3, berlin), block('2', 8, 5, berlin)]);
    expect([...valueOf(parseZoneAbbreviations(file))]).toEqual([
      [3208, 'LMT'],
      [7200, 'CEST'],
      [3600, 'CET'],
    ]);
  });

  it('reads a slim file, whose 32-bit block is empty', () => {
    const file = Buffer.concat([block('2', 4, 0, []), block('2', 8, 2, berlin)]);
    expect(valueOf(parseZoneAbbreviations(file)).get(3600)).toBe('CET');
  });

  it('reads a file of version 1', () => {
    expect(valueOf(parseZoneAbbreviations(block('\0', 4, 2, berlin))).get(7200)).toBe('CEST');
  });

  it('takes the later one of two abbreviations with the same offset', () => {
    const types = [
      { offset: 0, name: 'WET' },
      { offset: 0, name: 'GMT' },
    ];
    expect(valueOf(parseZoneAbbreviations(block('\0', 4, 0, types))).get(0)).toBe('GMT');
  });

  it('leaves out names that no zone has', () => {
    const types = [{ offset: 0, name: 'a"}\n' }];
    expect(valueOf(parseZoneAbbreviations(block('\0', 4, 0, types))).size).toBe(0);
  });

  it('says empty for nothing and malformed for something else', () => {
    expect(parseZoneAbbreviations(new Uint8Array(0))).toMatchObject({
      error: { problem: 'empty' },
    });
    expect(parseZoneAbbreviations(Buffer.from('UTC0'))).toMatchObject({
      error: { problem: 'malformed' },
    });
  });

  it('never throws, whatever the bytes and wherever a file is cut', () => {
    const file = Buffer.concat([block('2', 4, 3, berlin), block('2', 8, 5, berlin)]);
    fc.assert(
      fc.property(
        fc.nat(file.length),
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 8 }),
        (length, damage) => {
          const bytes = Uint8Array.from(file);
          for (const [at, byte] of damage) bytes[at] = byte;
          expect(parseZoneAbbreviations(bytes.subarray(0, length))).toHaveProperty('ok');
        },
      ),
      { numRuns: 500 },
    );
  });
});
