/** The sequences of a block, what to copy from where: RFC 8878 3.1.1.3.2. */
import { makeBackwardBits, type BackwardBits } from './bits.ts';
import { buildFseTable, readFseTable, singleSymbol, startFse, type FseTable } from './fse.ts';
import { malformed } from './malformed.ts';

export interface SequenceTables {
  readonly literals: FseTable | undefined;
  readonly offsets: FseTable | undefined;
  readonly matches: FseTable | undefined;
}

/** Called for each sequence: copy so many literals, then so many bytes from that code's offset. */
export type OnSequence = (literals: number, offsetCode: number, match: number) => void;

interface Code {
  readonly bases: readonly number[];
  readonly extraBits: readonly number[];
  readonly maxLog: number;
  readonly predefined: FseTable;
}

const count = (length: number, value: (index: number) => number): number[] =>
  Array.from({ length }, (_, index) => value(index));

const LITERALS: Code = {
  bases: [
    ...count(16, (index) => index),
    16,
    18,
    20,
    22,
    24,
    28,
    32,
    40,
    48,
    ...count(11, (index) => 64 << index),
  ],
  extraBits: [...count(16, () => 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, ...count(11, (index) => 6 + index)],
  maxLog: 9,
  predefined: buildFseTable(
    [
      4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1,
      1, -1, -1, -1, -1,
    ],
    6,
  ),
};

const MATCHES: Code = {
  bases: [
    ...count(32, (index) => index + 3),
    35,
    37,
    39,
    41,
    43,
    47,
    51,
    59,
    67,
    83,
    99,
    ...count(10, (index) => (128 << index) + 3),
  ],
  extraBits: [
    ...count(32, () => 0),
    1,
    1,
    1,
    1,
    2,
    2,
    3,
    3,
    4,
    4,
    5,
    ...count(10, (index) => 7 + index),
  ],
  maxLog: 9,
  predefined: buildFseTable(
    [1, 4, 3, 2, 2, 2, 2, 2, 2, ...count(37, () => 1), ...count(7, () => -1)],
    6,
  ),
};

/** Larger offsets would need a window that no message has. */
const MAX_OFFSET_CODE = 27;

const OFFSETS: Code = {
  bases: count(MAX_OFFSET_CODE + 1, (index) => 2 ** index),
  extraBits: count(MAX_OFFSET_CODE + 1, (index) => index),
  maxLog: 8,
  predefined: buildFseTable(
    [1, 1, 1, 1, 1, 1, 2, 2, 2, ...count(15, () => 1), -1, -1, -1, -1, -1],
    5,
  ),
};

const readTable = (
  mode: number,
  code: Code,
  bytes: Uint8Array,
  earlier: FseTable | undefined,
): { readonly table: FseTable; readonly length: number } => {
  switch (mode) {
    case 0:
      return { table: code.predefined, length: 0 };
    case 1:
      return { table: singleSymbol(bytes[0] ?? 0), length: 1 };
    case 2:
      return readFseTable(bytes, code.maxLog, code.bases.length + 4);
    default:
      return earlier === undefined
        ? malformed('sequences without a table')
        : { table: earlier, length: 0 };
  }
};

const readCount = (bytes: Uint8Array): { readonly total: number; readonly length: number } => {
  const [first = 0, second = 0, third = 0] = bytes;
  if (first < 128) return { total: first, length: 1 };
  if (first < 255) return { total: ((first - 128) << 8) + second, length: 2 };
  return { total: second + (third << 8) + 0x7f_00, length: 3 };
};

const valueOf = (code: Code, symbol: number, bits: BackwardBits): number => {
  const base = code.bases[symbol];
  return base === undefined
    ? malformed(`a code ${symbol} that does not exist`)
    : base + bits.read(code.extraBits[symbol] ?? 0);
};

export const readSequences = (
  bytes: Uint8Array,
  earlier: SequenceTables,
  onSequence: OnSequence,
): SequenceTables => {
  if (bytes.length === 0) return malformed('a block without sequences');
  const { total, length } = readCount(bytes);
  if (total === 0) return earlier;
  const modes = bytes[length] ?? 0;
  let at = length + 1;
  const next = (shift: number, code: Code, last: FseTable | undefined): FseTable => {
    const { table, length: taken } = readTable(
      (modes >> shift) & 3,
      code,
      bytes.subarray(at),
      last,
    );
    at += taken;
    return table;
  };
  const tables = {
    literals: next(6, LITERALS, earlier.literals),
    offsets: next(4, OFFSETS, earlier.offsets),
    matches: next(2, MATCHES, earlier.matches),
  };
  const bits = makeBackwardBits(bytes.subarray(at));
  const literals = startFse(tables.literals, bits);
  const offsets = startFse(tables.offsets, bits);
  const matches = startFse(tables.matches, bits);
  for (let done = 0; done < total; done += 1) {
    const offset = valueOf(OFFSETS, offsets.symbol(), bits);
    const match = valueOf(MATCHES, matches.symbol(), bits);
    const literal = valueOf(LITERALS, literals.symbol(), bits);
    if (bits.left() < 0) malformed('sequences that do not end');
    onSequence(literal, offset, match);
    if (done + 1 === total) break;
    literals.update();
    matches.update();
    offsets.update();
  }
  if (bits.left() !== 0) malformed('sequences of another length');
  return tables;
};
