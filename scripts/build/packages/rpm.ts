/**
 * The guest agent as an RPM, of the fourth version of the format, which all distributions read.
 * https://rpm-software-management.github.io/rpm/manual/format_v4.html
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeCpio, MODIFIED_SECONDS, type ArchiveFile } from './archives.ts';
import {
  DESCRIPTION,
  isDocumentation,
  listFiles,
  PACKAGE,
  packageVersion,
  readSource,
  SUMMARY,
  type Machine,
} from './content.ts';
import { makeRpmHeader, type RpmTags, type RpmValue } from './rpm-header.ts';

const ARCHITECTURES: Readonly<Record<Machine, { name: string; number: number }>> = {
  x64: { name: 'x86_64', number: 1 },
  arm64: { name: 'aarch64', number: 19 },
};
const RELEASE = '1';
const LICENSE = 'MIT AND ISC AND BSD-3-Clause';
/** The script after the installation puts it where it counts, once: an upgrade would do so again. */
const COMMANDS = 'usr/share/innkeeper-guest-agent/commands.conf';
const OWN_FOLDERS = [
  'usr/share/innkeeper-guest-agent',
  'usr/share/doc/innkeeper-guest-agent',
  'usr/share/doc/innkeeper-guest-agent/examples',
];

const REGION_OF_SIGNATURES = 62;
const REGION = 63;
const SHA256 = 8;
const IS_DOCUMENTATION = 2;
const VERIFY_ALL = 0xffff_ffff;
const EQUAL = 8;
/** Less or equal, and to be asked of rpm itself. */
const OF_RPM = 0x0100_000a;
const FOLDER = 0o040_000;
const FILE = 0o100_000;

/** What rpm itself must know, and the shell of the scripts; by name. */
const REQUIRED: readonly (readonly [name: string, flags: number, version: string])[] = [
  ['/bin/sh', 0, ''],
  ['rpmlib(CompressedFileNames)', OF_RPM, '3.0.4-1'],
  ['rpmlib(FileDigests)', OF_RPM, '4.6.0-1'],
  ['rpmlib(PayloadFilesHavePrefix)', OF_RPM, '4.0-1'],
];

export const rpmName = (version: string, machine: Machine): string =>
  `${PACKAGE}-${version}-${RELEASE}.${ARCHITECTURES[machine].name}.rpm`;

const text = (value: string): RpmValue => ({ kind: 'text', value });
const translated = (value: string): RpmValue => ({ kind: 'translated', value });
const texts = (value: readonly string[]): RpmValue => ({ kind: 'texts', value });
const int16 = (value: readonly number[]): RpmValue => ({ kind: 'int16', value });
const int32 = (value: readonly number[]): RpmValue => ({ kind: 'int32', value });

const hexOf = (algorithm: 'sha1' | 'sha256', data: Uint8Array): string =>
  createHash(algorithm).update(data).digest('hex');

const folderOf = (path: string): string => `/${path.slice(0, path.lastIndexOf('/') + 1)}`;
const sizeOf = ({ content }: ArchiveFile): number => content?.byteLength ?? 0;

const fileTags = (files: readonly ArchiveFile[]): readonly (readonly [number, RpmValue])[] => {
  const folders = [...new Set(files.map(({ path }) => folderOf(path)))];
  const all = <Value>(value: Value): readonly Value[] => files.map(() => value);
  return [
    [1028, int32(files.map(sizeOf))],
    [1030, int16(files.map(({ mode, content }) => mode + (content ? FILE : FOLDER)))],
    [1033, int16(all(0))],
    [1034, int32(all(MODIFIED_SECONDS))],
    [1035, texts(files.map(({ content }) => (content ? hexOf('sha256', content) : '')))],
    [1036, texts(all(''))],
    [1037, int32(files.map(({ path }) => (isDocumentation(path) ? IS_DOCUMENTATION : 0)))],
    [1039, texts(all('root'))],
    [1040, texts(all('root'))],
    [1045, int32(all(VERIFY_ALL))],
    [1095, int32(all(1))],
    [1096, int32(files.map((_, index) => index + 1))],
    [1097, texts(all(''))],
    [1116, int32(files.map(({ path }) => folders.indexOf(folderOf(path))))],
    [1117, texts(files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))],
    [1118, texts(folders)],
    [5011, int32([SHA256])],
  ];
};

const scriptTags = (): readonly (readonly [number, RpmValue])[] =>
  ['post', 'preun', 'postun'].flatMap((name, index) => [
    [1024 + index, text(readSource(`packages/rpm/${name}`).toString())] as const,
    [1086 + index, text('/bin/sh')] as const,
  ]);

interface Described {
  readonly version: string;
  readonly machine: Machine;
  readonly files: readonly ArchiveFile[];
  /** Packed. */
  readonly payload: Uint8Array;
}

const makeMainHeader = ({ version, machine, files, payload }: Described): Buffer => {
  const tags: RpmTags = new Map([
    [100, texts(['C'])],
    [1000, text(PACKAGE)],
    [1001, text(packageVersion(version))],
    [1002, text(RELEASE)],
    [1004, translated(SUMMARY)],
    [1005, translated(DESCRIPTION.join('\n'))],
    [1006, int32([MODIFIED_SECONDS])],
    [1007, text('localhost')],
    [1009, int32([files.reduce((total, one) => total + sizeOf(one), 0)])],
    [1014, text(LICENSE)],
    [1016, translated('System Environment/Daemons')],
    [1021, text('linux')],
    [1022, text(ARCHITECTURES[machine].name)],
    [1044, text(`${PACKAGE}-${packageVersion(version)}-${RELEASE}.src.rpm`)],
    [1047, texts([PACKAGE])],
    [1048, int32(REQUIRED.map(([, flags]) => flags))],
    [1049, texts(REQUIRED.map(([name]) => name))],
    [1050, texts(REQUIRED.map(([, , wanted]) => wanted))],
    [1064, text('4.14.0')],
    [1112, int32([EQUAL])],
    [1113, texts([`${packageVersion(version)}-${RELEASE}`])],
    [1124, text('cpio')],
    [1125, text('gzip')],
    [1126, text('9')],
    [5062, text('utf-8')],
    [5092, texts([hexOf('sha256', payload)])],
    [5093, int32([SHA256])],
    ...scriptTags(),
    ...fileTags(files),
  ]);
  return makeRpmHeader(REGION, tags);
};

const makeSignatureHeader = (main: Uint8Array, payload: Uint8Array, unpackedBytes: number) => {
  const both = Buffer.concat([main, payload]);
  const header = makeRpmHeader(
    REGION_OF_SIGNATURES,
    new Map([
      [269, text(hexOf('sha1', main))],
      [273, text(hexOf('sha256', main))],
      [1000, int32([both.byteLength])],
      [1004, { kind: 'bytes', value: createHash('md5').update(both).digest() }],
      [1007, int32([unpackedBytes])],
    ]),
  );
  return Buffer.concat([header, Buffer.alloc((8 - (header.byteLength % 8)) % 8)]);
};

/** What file(1) looks at, and hardly anybody else. */
const makeLead = (name: string, machine: Machine): Buffer => {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xed_ab_ee_db, 0);
  lead.writeUInt8(3, 4);
  lead.writeUInt16BE(ARCHITECTURES[machine].number, 8);
  lead.write(name.slice(0, 65), 10);
  lead.writeUInt16BE(1, 76);
  lead.writeUInt16BE(5, 78);
  return lead;
};

export const makeRpm = (version: string, machine: Machine, program: Uint8Array): Buffer => {
  const folders = OWN_FOLDERS.map((path) => ({ path, mode: 0o755, content: undefined }));
  const files = [
    ...folders,
    ...listFiles(program, { units: 'usr/lib/systemd/system', commands: COMMANDS }),
  ].toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const cpio = makeCpio(files);
  const payload = gzipSync(cpio, { level: 9 });
  const main = makeMainHeader({ version, machine, files, payload });
  return Buffer.concat([
    makeLead(`${PACKAGE}-${packageVersion(version)}-${RELEASE}`, machine),
    makeSignatureHeader(main, payload, cpio.byteLength),
    main,
    payload,
  ]);
};
