import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from './decompress.ts';
import type { PackedField, RawField } from './field-reader.ts';
import { dataOffsetOf } from './entry-reader.ts';
import { openJournalFile, type JournalFile } from './journal-file.ts';
import { buildJournal, type BuiltEntry, type JournalToBuild } from './testing/build-journal.ts';
import { bytesOf } from './testing/bytes-of.ts';

type Shown = Readonly<Record<string, string>>;

const decodeField = (field: RawField | PackedField): readonly [string, string] =>
  'packed' in field
    ? ['', field.packed]
    : [field.name, decodeLatin1(field.bytes, field.start, field.end)];

type ShownField = readonly [string, string];

const share = (fields: readonly ShownField[]): readonly ShownField[] => fields;
const isSmall = (): boolean => true;
const decodeLatin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes).toString('latin1', start, end);

const open = (file: { bytes: Uint8Array }) =>
  openJournalFile({ source: bytesOf(file), decompress, decodeField, share, isSmall, decodeLatin1 });

type OpenFile = JournalFile<ShownField, readonly ShownField[]>;

const opened = (file: { bytes: Uint8Array }): OpenFile => {
  const outcome = open(file);
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.file;
};

const show = (file: OpenFile, index: number): Shown | undefined => {
  const entry = file.entry(index);
  if (entry === undefined) return undefined;
  const { shared, own, lost } = file.contents(entry);
  const fields = [...shared, ...own];
  return Object.fromEntries(lost > 0 ? [...fields, ['?', String(lost)]] : fields);
};

const numbered = (count: number, from = 0): readonly BuiltEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    realtimeUs: 1_760_000_000_000_000 + (from + index) * 1000,
    seqnum: from + index + 1,
    fields: [
      ['MESSAGE', `line ${from + index}`],
      ['_SYSTEMD_UNIT', `unit${index % 3}.service`],
    ],
  }));

const FORMS: readonly [string, Partial<JournalToBuild>][] = [
  ['the regular form', { compact: false }],
  ['the compact form', { compact: true }],
];

describe.each(FORMS)('a journal in %s', (_, form) => {
  it.each([0, 1, 4, 5, 100, 1000])('gives all of its %i entries, in order', (count) => {
    const file = opened({ bytes: buildJournal({ ...form, entries: numbered(count) }) });
    expect(file.entries()).toBe(count);
    for (let index = 0; index < count; index += 1) {
      expect(file.entry(index)).toMatchObject({ seqnum: index + 1 });
      expect(show(file, index)).toEqual({
        MESSAGE: `line ${index}`,
        _SYSTEMD_UNIT: `unit${index % 3}.service`,
      });
    }
    expect(file.entry(count)).toBeUndefined();
  });

  it('finds by time and by number what a plain search finds', () => {
    const entries = numbered(300, 50);
    const file = opened({ bytes: buildJournal({ ...form, entries }) });
    fc.assert(
      fc.property(fc.integer({ min: -2000, max: 360_000 }), (micros) => {
        const time = 1_760_000_000_000_000 + micros;
        const byTime = entries.findIndex((entry) => entry.realtimeUs >= time);
        expect(file.seekRealtime(time)).toBe(byTime === -1 ? 300 : byTime);
        const seqnum = Math.floor(micros / 900);
        const bySeqnum = entries.findIndex((entry) => (entry.seqnum ?? 0) >= seqnum);
        expect(file.seekSeqnum(seqnum)).toBe(bySeqnum === -1 ? 300 : bySeqnum);
      }),
    );
  });

  it('sees what is added after a refresh, in arrays that were not there', () => {
    const held = { bytes: buildJournal({ ...form, entries: numbered(3) }) };
    const file = opened(held);
    expect(show(file, 2)).toMatchObject({ MESSAGE: 'line 2' });
    held.bytes = buildJournal({ ...form, entries: numbered(90) });
    expect(file.entries()).toBe(3);
    expect(file.refresh()).toBeUndefined();
    expect(file.entries()).toBe(90);
    expect(show(file, 89)).toMatchObject({ MESSAGE: 'line 89' });
  });

  it('gives the same fields in whatever order entries are asked for', () => {
    const entries = numbered(60);
    const bytes = buildJournal({ ...form, entries });
    fc.assert(
      fc.property(fc.array(fc.nat(59), { maxLength: 40 }), (order) => {
        const file = opened({ bytes });
        for (const index of order) {
          expect(show(file, index)).toEqual(Object.fromEntries(entries[index]?.fields ?? []));
        }
      }),
    );
  });

  it('cuts a value after 64 KiB and says how long it was', () => {
    const fields = [['MESSAGE', 'x'.repeat(1_000_000)]] as const;
    const bytes = buildJournal({ ...form, entries: [{ realtimeUs: 1, fields }] });
    const outcome = openJournalFile({
      source: bytesOf({ bytes }),
      decompress,
      decodeField: (field) =>
        'packed' in field ? undefined : [field.end - field.start, field.valueLength],
      share: (values) => values,
      isSmall,
      decodeLatin1,
    });
    if (!outcome.ok) throw new Error(outcome.problem.message);
    const entry = outcome.file.entry(0);
    const contents = entry && outcome.file.contents(entry);
    expect([...(contents?.shared ?? []), ...(contents?.own ?? [])]).toEqual([[65_536, 1_000_000]]);
  });

  it('never throws, hangs or reads without end, whatever bytes change', () => {
    const sound = buildJournal({ ...form, entries: numbered(40) });
    const change = fc.tuple(fc.nat(sound.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const bytes = sound.slice();
        for (const [at, value] of changes) bytes[at] = value;
        expectBoundedWork(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on a header that is changed', () => {
    const sound = buildJournal({ ...form, entries: numbered(10) });
    for (let at = 0; at < 272; at += 1) {
      for (const value of [0, 1, 127, 255]) {
        const bytes = sound.slice();
        bytes[at] = value;
        expectBoundedWork(bytes);
      }
    }
  });

  it('reads of a file that was cut what is still there', () => {
    const sound = buildJournal({ ...form, entries: numbered(20) });
    for (let length = 0; length < sound.length; length += 1) {
      expectBoundedWork(sound.subarray(0, length));
    }
  });
});

/** Reads all that there is to read, with a ceiling on how often bytes may be asked for. */
const expectBoundedWork = (bytes: Uint8Array): void => {
  let reads = 0;
  const outcome = openJournalFile({
    source: {
      readAt: (offset, length) => {
        reads += 1;
        if (length > 5 * 1024 * 1024) throw new Error(`asked for ${length} bytes at once`);
        return bytes.slice(offset, offset + length);
      },
    },
    decompress,
    decodeField,
    share,
    isSmall,
    decodeLatin1,
  });
  if (!outcome.ok) return;
  const { file } = outcome;
  for (let index = 0; index < Math.min(file.entries(), 200); index += 1) {
    const entry = file.entry(index);
    if (entry !== undefined) file.contents(entry);
  }
  file.seekRealtime(1_760_000_000_005_000);
  file.seekSeqnum(7);
  file.refresh();
  expect(reads).toBeLessThan(50_000);
};

describe('openJournalFile', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'damaged'],
    ['zeros', new Uint8Array(5000), 'not_a_journal'],
    ['text', Buffer.from('hello '.repeat(100)), 'not_a_journal'],
    ['the start of a header', buildJournal({ entries: [] }).subarray(0, 200), 'damaged'],
    ['a flag of tomorrow', buildJournal({ entries: [], incompatibleFlags: 4 | 64 }), 'unsupported'],
  ])('says of %s what it is', (_, bytes, kind) => {
    expect(open({ bytes })).toMatchObject({ ok: false, problem: { kind } });
  });

  it('never throws on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), expectBoundedWork));
  });

  it('notices that another file was written over it', () => {
    const held = { bytes: buildJournal({ entries: numbered(3) }) };
    const file = opened(held);
    held.bytes = buildJournal({ entries: numbered(3), fileId: '0'.repeat(32) });
    expect(file.refresh()).toMatchObject({ kind: 'damaged' });
    held.bytes = new Uint8Array(0);
    expect(file.refresh()).toMatchObject({ kind: 'damaged' });
  });

  it('does not follow a chain of arrays that leads back', () => {
    const bytes = buildJournal({ entries: numbered(30), firstCapacity: 4 });
    const view = new DataView(bytes.buffer);
    const first = Number(view.getBigUint64(176, true));
    view.setBigUint64(first + 16, BigInt(first), true);
    const file = opened({ bytes });
    expect(file.entry(3)).toBeDefined();
    expect(file.entry(4)).toBeUndefined();
    expect(file.entry(29)).toBeUndefined();
  });

  it('takes a size that no field can have for damage', () => {
    const bytes = buildJournal({ entries: numbered(1) });
    const entry = opened({ bytes }).entry(0);
    const at = entry === undefined ? 0 : dataOffsetOf(entry, 0, 16);
    new DataView(bytes.buffer).setBigUint64(at + 8, 2n ** 60n, true);
    expect(show(opened({ bytes }), 0)).toMatchObject({ '?': '1' });
  });

  it('unpacks lz4, and says of what it cannot unpack how it was packed', () => {
    const lz4 = (payload: Uint8Array): Uint8Array => {
      const head = new Uint8Array(8);
      new DataView(head.buffer).setBigUint64(0, BigInt(payload.length), true);
      // Only literals: a token of 15 and up to one more byte of length.
      return Buffer.concat([head, Uint8Array.of(0xf0, payload.length - 15), payload]);
    };
    const entries = [{ realtimeUs: 1, fields: [['MESSAGE', 'a message long enough']] as const }];
    const read = (pack: JournalToBuild['pack']): Shown | undefined =>
      show(opened({ bytes: buildJournal({ entries, ...(pack && { pack }) }) }), 0);
    expect(read((payload) => ({ flag: 2, bytes: lz4(payload) }))).toEqual({
      MESSAGE: 'a message long enough',
    });
    expect(read((payload) => ({ flag: 1, bytes: payload }))).toEqual({ '': 'xz' });
    expect(read((payload) => ({ flag: 4, bytes: payload }))).toEqual({ '': 'zstd' });
  });

  it('unpacks what zstd has packed', (context) => {
    const pack = (payload: Uint8Array): { flag: number; bytes: Uint8Array } => ({
      flag: 4,
      bytes: execFileSync('zstd', ['--no-check', '-c'], { input: payload }),
    });
    try {
      pack(Uint8Array.of(1));
    } catch {
      context.skip('zstd is not installed');
    }
    const value = 'the same words again '.repeat(100);
    const entries = [{ realtimeUs: 1, fields: [['MESSAGE', value]] as const }];
    expect(show(opened({ bytes: buildJournal({ entries, pack }) }), 0)).toEqual({ MESSAGE: value });
  });
});
