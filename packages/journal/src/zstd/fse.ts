/** Tables of the entropy coder FSE: RFC 8878 4.1. */
import { bitsAt, highestBit, type BackwardBits } from './bits.ts';
import { malformed } from './malformed.ts';

export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bitCounts: Uint8Array;
  readonly bases: Uint16Array;
}

/** RFC 8878 4.1.1: where each symbol stands in the table follows from how often it comes. */
export const buildFseTable = (counts: readonly number[], log: number): FseTable => {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const bitCounts = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const next: number[] = counts.map((count) => (count === -1 ? 1 : count));
  let high = size;
  counts.forEach((count, symbol) => {
    if (count !== -1) return;
    high -= 1;
    symbols[high] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let placed = 0; placed < count; placed += 1) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  });
  if (at !== 0) malformed('an FSE table whose counts do not fill it');
  for (let state = 0; state < size; state += 1) {
    const symbol = symbols[state] ?? 0;
    const count = next[symbol] ?? 0;
    next[symbol] = count + 1;
    const bits = log - highestBit(count);
    bitCounts[state] = bits;
    bases[state] = (count << bits) - size;
  }
  return { log, symbols, bitCounts, bases };
};

/** A table in which one symbol is all there is. */
export const singleSymbol = (symbol: number): FseTable => ({
  log: 0,
  symbols: Uint8Array.of(symbol),
  bitCounts: Uint8Array.of(0),
  bases: Uint16Array.of(0),
});

/** Reads the description of a table and says how many bytes it took. */
export const readFseTable = (
  bytes: Uint8Array,
  maxLog: number,
  maxSymbols: number,
): { readonly table: FseTable; readonly length: number } => {
  const log = bitsAt(bytes, 0, 4) + 5;
  if (log > maxLog) malformed(`an FSE table of 2^${log} states`);
  let at = 4;
  let remaining = 1 << log;
  const counts: number[] = [];
  while (remaining > 0 && counts.length < maxSymbols) {
    const bits = highestBit(remaining + 1) + 1;
    let value = bitsAt(bytes, at, bits);
    at += bits;
    const lower = (1 << (bits - 1)) - 1;
    const threshold = (1 << bits) - 1 - (remaining + 1);
    if ((value & lower) < threshold) {
      at -= 1;
      value &= lower;
    } else if (value > lower) value -= threshold;
    const count = value - 1;
    remaining -= Math.abs(count);
    counts.push(count);
    for (let repeat = count === 0 ? 3 : 0; repeat === 3;) {
      repeat = bitsAt(bytes, at, 2);
      at += 2;
      for (let zeros = 0; zeros < repeat; zeros += 1) counts.push(0);
      if (counts.length > maxSymbols) malformed('an FSE table with too many symbols');
    }
  }
  const length = (at + 7) >> 3;
  if (remaining !== 0 || length > bytes.length) malformed('an FSE table that does not end');
  return { table: buildFseTable(counts, log), length };
};

/** Where a decoder stands in its table. */
export interface FseState {
  symbol(): number;
  update(): void;
}

export const startFse = (table: FseTable, bits: BackwardBits): FseState => {
  let state = bits.read(table.log);
  return {
    symbol: () => table.symbols[state] ?? 0,
    update: () => {
      state = (table.bases[state] ?? 0) + bits.read(table.bitCounts[state] ?? 0);
    },
  };
};
