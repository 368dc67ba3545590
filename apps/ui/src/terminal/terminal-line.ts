/**
 * One line of a terminal while a program writes it: what comes is put where the cursor stands, over
 * what was there. So a bar that is drawn again and again stays one line.
 */
import type { Piece } from './hostile-text.ts';

export interface TerminalLine {
  readonly pieces: readonly Piece[];
  readonly length: number;
  readonly cursor: number;
  write(text: string, className: string): void;
  /** To the beginning, or one back. */
  home(): void;
  back(): void;
  /** From the cursor to the end, up to the cursor, or all of it; the cursor stays. */
  erase(what: 'right' | 'left' | 'all'): void;
}

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { text }) => sum + text.length, 0);

/** What stands between two columns. */
const cutPieces = (pieces: readonly Piece[], from: number, to: number): readonly Piece[] => {
  const cut: Piece[] = [];
  let at = 0;
  for (const { text, className } of pieces) {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    at += text.length;
    if (part !== '') cut.push({ text: part, className });
  }
  return cut;
};

const joined = (pieces: readonly Piece[], added: Piece): readonly Piece[] => {
  const last = pieces.at(-1);
  if (last === undefined || last.className !== added.className) return [...pieces, added];
  return [...pieces.slice(0, -1), { text: last.text + added.text, className: last.className }];
};

const blank = (columns: number): Piece => ({ text: ' '.repeat(columns), className: '' });

export const makeTerminalLine = (): TerminalLine => {
  let pieces: readonly Piece[] = [];
  let length = 0;
  let cursor = 0;
  const set = (changed: readonly Piece[]): void => {
    pieces = changed;
    length = lengthOf(changed);
  };
  return {
    get pieces() {
      return pieces;
    },
    get length() {
      return length;
    },
    get cursor() {
      return cursor;
    },
    write: (text, className) => {
      if (text === '') return;
      const padding = cursor > length ? joined(pieces, blank(cursor - length)) : pieces;
      const end = cursor + text.length;
      const before = cursor >= length ? padding : cutPieces(pieces, 0, cursor);
      const after = end >= length ? [] : cutPieces(pieces, end, length);
      set([...joined(before, { text, className }), ...after]);
      cursor = end;
    },
    home: () => {
      cursor = 0;
    },
    back: () => {
      cursor = Math.max(0, cursor - 1);
    },
    erase: (what) => {
      if (what === 'all') set([]);
      else if (what === 'right') set(cutPieces(pieces, 0, cursor));
      else set([blank(Math.min(cursor, length)), ...cutPieces(pieces, cursor, length)]);
    },
  };
};
