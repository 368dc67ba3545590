/**
 * The two archives that a Debian package is made of: ar (deb(5)) and tar in the format of POSIX 1988
 * (ustar). No times and no names of users of the machine that builds: the same files are the same
 * bytes.
 */

export interface ArchiveFile {
  /** Without a slash at either end. */
  readonly path: string;
  readonly mode: number;
  /** Undefined: a folder. */
  readonly content: Uint8Array | undefined;
}

/** 2020-01-01: some programs dislike files of 1970. */
const MODIFIED_SECONDS = 1_577_836_800;
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
