/** Huffman-coded literals: RFC 8878 4.2. */
import { highestBit, makeBackwardBits } from './bits.ts';
import { readFseTable, startFse } from './fse.ts';
import { malformed } from './malformed.ts';

export interface HuffmanTable {
  readonly maxBits: number;
  /** By the next `maxBits` bits of the stream. */
  readonly symbols: Uint8Array;
  readonly lengths: Uint8Array;
}

const MAX_BITS = 11;
const MAX_WEIGHTS = 255;
const MAX_WEIGHT_LOG = 6;

/** RFC 8878 4.2.1.2: two decoders take turns until the bits are used up. */
const readPackedWeights = (bytes: Uint8Array): number[] => {
  const { table, length } = readFseTable(bytes, MAX_WEIGHT_LOG, MAX_BITS + 2);
  const bits = makeBackwardBits(bytes.subarray(length));
  let now = startFse(table, bits);
  let other = startFse(table, bits);
  const weights: number[] = [];
  while (weights.length < MAX_WEIGHTS) {
    weights.push(now.symbol());
    now.update();
    if (bits.left() < 0) {
      weights.push(other.symbol());
      return weights;
    }
    const next = other;
    other = now;
    now = next;
  }
  return malformed('Huffman weights that do not end');
};

const readPlainWeights = (bytes: Uint8Array, count: number): number[] =>
  Array.from({ length: count }, (_, index) => {
    const pair = bytes[index >> 1] ?? 0;
    return index % 2 === 0 ? pair >> 4 : pair & 15;
  });

const buildTable = (weights: readonly number[]): HuffmanTable => {
  const sum = weights.reduce((total, weight) => total + (weight === 0 ? 0 : 2 ** (weight - 1)), 0);
  if (sum === 0 || sum >= 2 ** MAX_BITS) return malformed('Huffman weights that make no code');
  const maxBits = highestBit(sum) + 1;
  const left = 2 ** maxBits - sum;
  if ((left & (left - 1)) !== 0) malformed('Huffman weights that leave a hole');
  const all = [...weights, highestBit(left) + 1];
  const symbols = new Uint8Array(2 ** maxBits);
  const lengths = new Uint8Array(2 ** maxBits);
  // By weight, then by symbol: where the next symbol of each weight goes.
  const starts = Array.from({ length: maxBits + 2 }, () => 0);
  for (const weight of all) if (weight > 0) starts[weight + 1] = (starts[weight + 1] ?? 0) + 1;
  for (let weight = 1; weight <= maxBits; weight += 1) {
    const size = (starts[weight + 1] ?? 0) << (weight - 1);
    starts[weight + 1] = (starts[weight] ?? 0) + size;
  }
  for (let symbol = 0; symbol < all.length; symbol += 1) {
    const weight = all[symbol] ?? 0;
    if (weight === 0) continue;
    const at = starts[weight] ?? 0;
    const end = at + (1 << (weight - 1));
    symbols.fill(symbol, at, end);
    lengths.fill(maxBits + 1 - weight, at, end);
    starts[weight] = end;
  }
  return { maxBits, symbols, lengths };
};

export const readHuffmanTable = (
  bytes: Uint8Array,
): { readonly table: HuffmanTable; readonly length: number } => {
  const header = bytes[0] ?? 0;
  const count = header < 128 ? 0 : header - 127;
  const length = 1 + (header < 128 ? header : (count + 1) >> 1);
  if (length > bytes.length) malformed('a Huffman table that does not end');
  const body = bytes.subarray(1, length);
  const weights = header < 128 ? readPackedWeights(body) : readPlainWeights(body, count);
  return { table: buildTable(weights), length };
};

/** Fills `target` with what one stream holds. */
export const readHuffmanStream = (
  table: HuffmanTable,
  bytes: Uint8Array,
  target: Uint8Array,
): void => {
  const { maxBits, symbols, lengths } = table;
  const bits = makeBackwardBits(bytes);
  for (let at = 0; at < target.length; at += 1) {
    const code = bits.peek(maxBits);
    target[at] = symbols[code] ?? 0;
    bits.skip(lengths[code] ?? 0);
  }
  if (bits.left() !== 0) malformed('a Huffman stream of another length');
};
