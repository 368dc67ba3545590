/**
 * The archives that packages are made of: Debian's of ar (deb(5)) and tar in the format of POSIX 1988
 * (ustar), an RPM of cpio in the format "newc" (cpio(5)). No times and no names of users of the
 * machine that builds: the same files are the same bytes.
 */

export interface ArchiveFile {
  /** Without a slash at either end. */
  readonly path: string;
  readonly mode: number;
  /** Undefined: a folder. */
  readonly content: Uint8Array | undefined;
}

/** 2020-01-01: some programs dislike files of 1970. */
export const MODIFIED_SECONDS = 1_577_836_800;
const BLOCK = 512;
const MAX_PATH = 98;

const octal = (value: number, length: number): string =>
  `${value.toString(8).padStart(length - 1, '0')}\0`;

const tarHeader = ({ path, mode, content }: ArchiveFile): Buffer => {
  const name = content === undefined ? `./${path}/` : `./${path}`;
  if (name.length > MAX_PATH) throw new Error(`${path} is too long for this archive`);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content?.byteLength ?? 0, 12), 124);
  header.write(octal(MODIFIED_SECONDS, 12), 136);
  // The sum of all bytes is taken with blanks in its own place.
  header.write(' '.repeat(8), 148);
  header.write(content === undefined ? '5' : '0', 156);
  header.write('ustar\x0000', 257);
  header.write('root', 265);
  header.write('root', 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
};

const padded = (content: Uint8Array, size: number, filler: number): Buffer =>
  Buffer.concat([content, Buffer.alloc((size - (content.byteLength % size)) % size, filler)]);

/** Every folder above a file, once, and before it. */
const foldersOf = (files: readonly ArchiveFile[]): readonly ArchiveFile[] => {
  const paths = new Set<string>();
  for (const { path, content } of files) {
    const parts = path.split('/');
    const depth = content === undefined ? parts.length : parts.length - 1;
    for (let length = 1; length <= depth; length += 1) paths.add(parts.slice(0, length).join('/'));
  }
  const own = new Map(files.map((file) => [file.path, file]));
  return [...paths].map((path) => own.get(path) ?? { path, mode: 0o755, content: undefined });
};

export const makeTar = (files: readonly ArchiveFile[]): Buffer => {
  const plain = files.filter(({ content }) => content !== undefined);
  const all = [...foldersOf(files), ...plain].toSorted((one, other) =>
    one.path < other.path ? -1 : 1,
  );
  const blocks = all.flatMap((file) => [
    tarHeader(file),
    padded(file.content ?? new Uint8Array(), BLOCK, 0),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
};

export const makeAr = (
  members: readonly { readonly name: string; readonly content: Uint8Array }[],
): Buffer => {
  const parts = members.flatMap(({ name, content }) => [
    Buffer.from(
      `${name.padEnd(16)}${String(MODIFIED_SECONDS).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}` +
        `${'100644'.padEnd(8)}${String(content.byteLength).padEnd(10)}\`\n`,
    ),
    padded(content, 2, 0x0a),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
};

const cpioMember = (name: string, inode: number, mode: number, content: Uint8Array): Buffer => {
  const nameBytes = Buffer.from(`${name}\0`);
  const links = mode >= 0o100_000 ? 1 : 2;
  const fields = [inode, mode, 0, 0, links, MODIFIED_SECONDS, content.byteLength];
  const all = [...fields, 0, 0, 0, 0, nameBytes.byteLength, 0];
  const head = `070701${all.map((value) => value.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([
    padded(Buffer.concat([Buffer.from(head), nameBytes]), 4, 0),
    padded(content, 4, 0),
  ]);
};

/** In the order of the files, and without the folders above them. */
export const makeCpio = (files: readonly ArchiveFile[]): Buffer =>
  Buffer.concat([
    ...files.map(({ path, mode, content }, index) =>
      cpioMember(
        `./${path}`,
        index + 1,
        mode + (content ? 0o100_000 : 0o040_000),
        content ?? new Uint8Array(),
      ),
    ),
    cpioMember('TRAILER!!!', 0, 0, new Uint8Array()),
  ]);
