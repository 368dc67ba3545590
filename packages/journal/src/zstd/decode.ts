/**
 * Unpacks Zstandard (RFC 8878), which journald packs long fields with since systemd 246. Neither
 * Node before 22.15 nor QuickJS can do it, and a message that nobody can read is no message.
 * Without dictionaries, and without looking at checksums: journald uses neither.
 */
import { u32, u64 } from '../bytes.ts';
import { makeGrowingBytes, type GrowingBytes } from '../growing-bytes.ts';
import type { HuffmanTable } from './huffman.ts';
import { readLiterals } from './literals.ts';
import { malformed } from './malformed.ts';
import { readSequences, type SequenceTables } from './sequences.ts';

const MAGIC = 0xfd2f_b528;
const MAX_BLOCK = 128 * 1024;

interface FrameHead {
  readonly length: number;
  /** Undefined where the frame does not say. */
  readonly contentBytes: number | undefined;
}

const contentBytesOf = (bytes: Uint8Array, at: number, size: number): number | undefined => {
  switch (size) {
    case 0:
      return undefined;
    case 1:
      return bytes[at];
    case 2:
      return (bytes[at] ?? 0) + ((bytes[at + 1] ?? 0) << 8) + 256;
    case 4:
      return u32(bytes, at);
    default:
      return u64(bytes, at);
  }
};

const readFrameHead = (bytes: Uint8Array): FrameHead => {
  if (u32(bytes, 0) !== MAGIC) malformed('not a Zstandard frame');
  const descriptor = bytes[4] ?? 0;
  const isSingle = (descriptor & 32) !== 0;
  if ((descriptor & 3) !== 0) malformed('a frame with a dictionary');
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag;
  const at = isSingle ? 5 : 6;
  return { length: at + sizeBytes, contentBytes: contentBytesOf(bytes, at, sizeBytes) };
};

interface FrameState {
  huffman: HuffmanTable | undefined;
  tables: SequenceTables;
  readonly repeats: [number, number, number];
}

/** RFC 8878 3.1.1.5: the codes 1 to 3 mean offsets used before. */
const offsetOf = (code: number, literals: number, repeats: FrameState['repeats']): number => {
  const [first, second, third] = repeats;
  if (code > 3) {
    repeats.splice(0, 3, code - 3, first, second);
    return code - 3;
  }
  const which = literals === 0 ? code + 1 : code;
  if (which === 1) return first;
  const offset = which === 2 ? second : which === 3 ? third : first - 1;
  repeats.splice(0, 3, offset, first, which === 2 ? third : second);
  return offset;
};

const readBlock = (block: Uint8Array, state: FrameState, output: GrowingBytes): void => {
  const start = output.length();
  const literals = readLiterals(block, state.huffman);
  state.huffman = literals.table;
  let used = 0;
  const take = (count: number): void => {
    if (used + count > literals.bytes.length) malformed('more literals than there are');
    output.append(literals.bytes.subarray(used, used + count));
    used += count;
  };
  const sequences = block.subarray(literals.length);
  state.tables = readSequences(sequences, state.tables, (literal, code, match) => {
    take(literal);
    output.copyBack(offsetOf(code, literal, state.repeats), match);
    if (output.length() - start > MAX_BLOCK) malformed('a block that is too long');
  });
  take(literals.bytes.length - used);
};

/** The first `maxBytes` of the content, and how many there are. Throws `Malformed`. */
export const decodeZstd = (
  bytes: Uint8Array,
  maxBytes: number,
): { readonly bytes: Uint8Array; readonly length: number } => {
  const head = readFrameHead(bytes);
  const output = makeGrowingBytes(
    Math.min(head.contentBytes ?? bytes.length * 4, maxBytes + MAX_BLOCK),
    maxBytes + 2 * MAX_BLOCK,
  );
  const state: FrameState = {
    huffman: undefined,
    tables: { literals: undefined, offsets: undefined, matches: undefined },
    repeats: [1, 4, 8],
  };
  let at = head.length;
  for (let isLast = false; !isLast && output.length() < maxBytes;) {
    if (at + 3 > bytes.length) malformed('a frame that does not end');
    const header = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    at += 3;
    const length = type === 1 ? 1 : size;
    if (size > MAX_BLOCK || at + length > bytes.length) malformed('a block that does not end');
    if (type === 0) output.append(bytes.subarray(at, at + size));
    else if (type === 1) output.repeat(bytes[at] ?? 0, size);
    else if (type === 2) readBlock(bytes.subarray(at, at + size), state, output);
    else malformed('a block of no known type');
    at += length;
  }
  const all = output.result();
  return {
    bytes: all.length > maxBytes ? all.subarray(0, maxBytes) : all,
    length: Math.max(head.contentBytes ?? all.length, all.length),
  };
};
