/**
 * A CD with a few files, for cloud-init's NoCloud: ISO 9660 (ECMA-119) whose names are in Rock Ridge
 * (IEEE P1282) and Joliet. The same files are the same bytes.
 */

export interface IsoFile {
  /** Letters, digits, `-`, at most 64. */
  readonly name: string;
  readonly content: Uint8Array;
}

const SECTOR = 2048;
/** After the system area: two descriptors and their end, four path tables, two directories. */
const FIRST_DESCRIPTOR = 16;
const PATH_TABLES = { primary: [19, 20], joliet: [21, 22] } as const;
const ROOT = { primary: 23, joliet: 24 } as const;
const FIRST_FILE = 25;
const PATH_TABLE_BYTES = 10;
/** 2020-01-01, and no zone: nobody asks when it was made. */
const DATE = Buffer.from([120, 1, 1, 0, 0, 0, 0]);
const IS_FOLDER = 2;
const SELF = Buffer.from([0]);
const PARENT = Buffer.from([1]);
const MODE = { folder: 0o040555, file: 0o100444 } as const;

type Tree = 'primary' | 'joliet';

/** Numbers are there twice, for machines of both kinds. */
const both16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
};
const both32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
};

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Padded with blanks, as texts of a descriptor are. */
const field = (tree: Tree, text: string, length: number): Buffer => {
  const blank = tree === 'joliet' ? utf16be(' ') : Buffer.from(' ');
  const bytes = tree === 'joliet' ? utf16be(text) : Buffer.from(text);
  const padded = Buffer.alloc(length);
  for (let at = 0; at + blank.length <= length; at += blank.length) blank.copy(padded, at);
  bytes.copy(padded, 0, 0, length);
  return padded;
};

/** `signature, length, version`, and what belongs to it (SUSP 4.1). */
const entry = (signature: string, ...parts: readonly Buffer[]): Buffer => {
  const data = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(signature), Buffer.from([4 + data.length, 1]), data]);
};

const modeEntry = (mode: number, links: number): Buffer =>
  entry('PX', both32(mode), both32(links), both32(0), both32(0));

interface Record {
  readonly name: Buffer;
  readonly sector: number;
  readonly bytes: number;
  readonly isFolder: boolean;
  /** Of Rock Ridge. */
  readonly more: Buffer;
}

/** ECMA-119, 9.1. */
const record = ({ name, sector, bytes, isFolder, more }: Record): Buffer => {
  const namePadding = Buffer.alloc(name.length % 2 === 0 ? 1 : 0);
  const body = Buffer.concat([
    Buffer.from([0]),
    both32(sector),
    both32(bytes),
    DATE,
    Buffer.from([isFolder ? IS_FOLDER : 0, 0, 0]),
    both16(1),
    Buffer.from([name.length]),
    name,
    namePadding,
    more,
  ]);
  // A record begins at an even byte.
  const padding = Buffer.alloc((body.length + 1) % 2);
  return Buffer.concat([Buffer.from([body.length + 1 + padding.length]), body, padding]);
};

const NOTHING = Buffer.alloc(0);

const rootRecord = (tree: Tree, name: Buffer, more: Buffer): Buffer =>
  record({ name, sector: ROOT[tree], bytes: SECTOR, isFolder: true, more });

interface Placed extends IsoFile {
  readonly sector: number;
  /** What old systems see: eight letters and no extension. */
  readonly shortName: string;
}

const shortNameOf = (name: string, index: number): string =>
  `${name
    .toUpperCase()
    .replaceAll(/[^A-Z\d]/gu, '')
    .slice(0, 6)}${String(index).padStart(2, '0')}.;1`;

const place = (files: readonly IsoFile[]): readonly Placed[] => {
  let sector = FIRST_FILE;
  return files.map((file, index) => {
    const placed = { ...file, sector, shortName: shortNameOf(file.name, index) };
    sector += Math.ceil(file.content.byteLength / SECTOR);
    return placed;
  });
};

const byteOrder = (one: { name: Buffer }, other: { name: Buffer }): number =>
  one.name.compare(other.name);

const directory = (tree: Tree, files: readonly Placed[]): Buffer => {
  const isPrimary = tree === 'primary';
  const folder = modeEntry(MODE.folder, 2);
  // The first record says that Rock Ridge is spoken (SUSP 5.3, RRIP 4.3).
  const begin = Buffer.concat([
    entry('SP', Buffer.from([0xbe, 0xef, 0])),
    folder,
    entry('ER', Buffer.from([10, 0, 0, 1]), Buffer.from('RRIP_1991A')),
  ]);
  const records = files
    .map(({ name, shortName, sector, content }) => ({
      name: isPrimary ? Buffer.from(shortName) : utf16be(name),
      sector,
      bytes: content.byteLength,
      isFolder: false,
      more: isPrimary
        ? Buffer.concat([modeEntry(MODE.file, 1), entry('NM', Buffer.from([0]), Buffer.from(name))])
        : NOTHING,
    }))
    .toSorted(byteOrder)
    .map(record);
  const all = Buffer.concat([
    rootRecord(tree, SELF, isPrimary ? begin : NOTHING),
    rootRecord(tree, PARENT, isPrimary ? folder : NOTHING),
    ...records,
  ]);
  if (all.length > SECTOR) throw new Error('a seed image has too many files for one sector');
  return all;
};

const pathTable = (tree: Tree, isBigEndian: boolean): Buffer => {
  const table = Buffer.alloc(PATH_TABLE_BYTES);
  table[0] = 1;
  if (isBigEndian) {
    table.writeUInt32BE(ROOT[tree], 2);
    table.writeUInt16BE(1, 6);
  } else {
    table.writeUInt32LE(ROOT[tree], 2);
    table.writeUInt16LE(1, 6);
  }
  return table;
};

/** ECMA-119, 8.4 and 8.5; the escape sequence of Joliet says UCS-2, level 3. */
const descriptor = (tree: Tree, volumeId: string, sectors: number): Buffer => {
  const [little, big] = PATH_TABLES[tree];
  const littleEndian = Buffer.alloc(8);
  littleEndian.writeUInt32LE(little, 0);
  const bigEndian = Buffer.alloc(8);
  bigEndian.writeUInt32BE(big, 0);
  const noTime = Buffer.concat([Buffer.alloc(16, '0'), Buffer.alloc(1)]);
  const escape = Buffer.alloc(32);
  if (tree === 'joliet') escape.write('%/E');
  return Buffer.concat([
    Buffer.from([tree === 'primary' ? 1 : 2]),
    Buffer.from('CD001'),
    Buffer.from([1, 0]),
    field(tree, '', 32),
    field(tree, volumeId, 32),
    Buffer.alloc(8),
    both32(sectors),
    escape,
    both16(1),
    both16(1),
    both16(SECTOR),
    both32(PATH_TABLE_BYTES),
    littleEndian,
    bigEndian,
    rootRecord(tree, SELF, NOTHING),
    field(tree, '', 128 * 4 + 37 * 3),
    noTime,
    noTime,
    noTime,
    noTime,
    Buffer.from([1]),
  ]);
};

export const makeIsoImage = (volumeId: string, files: readonly IsoFile[]): Buffer => {
  const placed = place(files);
  const last = placed.at(-1);
  const end =
    last === undefined ? FIRST_FILE : last.sector + Math.ceil(last.content.byteLength / SECTOR);
  const image = Buffer.alloc(end * SECTOR);
  const put = (sector: number, bytes: Uint8Array): void => image.set(bytes, sector * SECTOR);
  put(FIRST_DESCRIPTOR, descriptor('primary', volumeId, end));
  put(FIRST_DESCRIPTOR + 1, descriptor('joliet', volumeId, end));
  put(FIRST_DESCRIPTOR + 2, Buffer.concat([Buffer.from([255]), Buffer.from('CD001'), SELF]));
  image[(FIRST_DESCRIPTOR + 2) * SECTOR + 6] = 1;
  for (const tree of ['primary', 'joliet'] as const) {
    const [little, big] = PATH_TABLES[tree];
    put(little, pathTable(tree, false));
    put(big, pathTable(tree, true));
    put(ROOT[tree], directory(tree, placed));
  }
  for (const { sector, content } of placed) put(sector, content);
  return image;
};
