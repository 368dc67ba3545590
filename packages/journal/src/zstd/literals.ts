/** The literals of a block: RFC 8878 3.1.1.3.1. */
import { bitsAt } from './bits.ts';
import { readHuffmanStream, readHuffmanTable, type HuffmanTable } from './huffman.ts';
import { malformed } from './malformed.ts';

export interface Literals {
  readonly bytes: Uint8Array;
  /** For later blocks that use the same one. */
  readonly table: HuffmanTable | undefined;
  /** Of the section, in the block. */
  readonly length: number;
}

const MAX_LITERALS = 128 * 1024;

const readPlain = (
  block: Uint8Array,
  isRun: boolean,
  table: HuffmanTable | undefined,
): Literals => {
  const format = bitsAt(block, 2, 2);
  const head = format === 1 ? 2 : format === 3 ? 3 : 1;
  const size = head === 1 ? bitsAt(block, 3, 5) : bitsAt(block, 4, head === 2 ? 12 : 20);
  const length = head + (isRun ? 1 : size);
  if (length > block.length || size > MAX_LITERALS) malformed('literals that do not end');
  const bytes = isRun
    ? new Uint8Array(size).fill(block[head] ?? 0)
    : block.subarray(head, head + size);
  return { bytes, table, length };
};

const readFourStreams = (table: HuffmanTable, streams: Uint8Array, target: Uint8Array): void => {
  const quarter = (target.length + 3) >> 2;
  let from = 6;
  for (let stream = 0; stream < 4; stream += 1) {
    const size = stream === 3 ? streams.length - from : bitsAt(streams, stream * 16, 16);
    if (size < 1 || from + size > streams.length) malformed('a stream of literals without end');
    const end = stream === 3 ? target.length : (stream + 1) * quarter;
    if (end > target.length) malformed('too few literals for four streams');
    const part = target.subarray(stream * quarter, end);
    readHuffmanStream(table, streams.subarray(from, from + size), part);
    from += size;
  }
};

const readPacked = (
  block: Uint8Array,
  isTreeless: boolean,
  earlier: HuffmanTable | undefined,
): Literals => {
  const format = bitsAt(block, 2, 2);
  const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
  const head = (4 + 2 * sizeBits) >> 3;
  const size = bitsAt(block, 4, sizeBits);
  const packedSize = bitsAt(block, 4 + sizeBits, sizeBits);
  const length = head + packedSize;
  if (length > block.length || size > MAX_LITERALS) malformed('literals that do not end');
  const packed = block.subarray(head, length);
  const read = isTreeless ? undefined : readHuffmanTable(packed);
  const table = read?.table ?? earlier;
  if (table === undefined) return malformed('literals without a Huffman table');
  const streams = packed.subarray(read?.length ?? 0);
  const bytes = new Uint8Array(size);
  if (format === 0) readHuffmanStream(table, streams, bytes);
  else readFourStreams(table, streams, bytes);
  return { bytes, table, length };
};

export const readLiterals = (block: Uint8Array, earlier: HuffmanTable | undefined): Literals => {
  const type = bitsAt(block, 0, 2);
  if (block.length === 0) return malformed('an empty block');
  return type < 2 ? readPlain(block, type === 1, earlier) : readPacked(block, type === 3, earlier);
};
