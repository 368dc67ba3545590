/**
 * What a program has printed, as the lines of a terminal: the newest of them, and how many there were
 * before. Both outputs have a line of their own under way, so that neither is cut by the other.
 */
import { SYMBOL_CLASS, symbolOf, type Piece } from './hostile-text.ts';
import { makeRing, type Ring } from './ring.ts';
import { makeSgr, type Sgr } from './sgr.ts';
import { makeTerminalLine, type TerminalLine } from './terminal-line.ts';

/** `note`: said by the page. */
export type LineKind = 'stdout' | 'stderr' | 'note';

export interface TranscriptLine {
  readonly kind: LineKind;
  readonly at: number;
  readonly pieces: readonly Piece[];
}

export interface Transcript {
  readonly lines: Ring<TranscriptLine>;
  /** Lines that are no longer here, because there were too many. */
  readonly gone: number;
  push(kind: 'stdout' | 'stderr', text: string, at: number): void;
  note(text: string, at: number): void;
  clear(): void;
}

export interface TranscriptLimits {
  readonly lines: number;
  readonly characters: number;
  /** A longer line goes on in the next. */
  readonly lineCharacters: number;
}

const TRANSCRIPT_LIMITS: TranscriptLimits = {
  lines: 10_000,
  characters: 4_000_000,
  lineCharacters: 4_000,
};

/** Also what is dropped without a trace: modes and character sets that a page has not. */
const NEXT =
  // oxlint-disable-next-line eslint/no-control-regex
  /\u001B\[(?<codes>[\d;:]{0,64})(?<final>[mK])|(?<idle>\u001B\[\?[\d;]{1,16}[hl]|\u001B\(B)|\r?\n|[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;
/** What may go on in the next piece of text. */
// oxlint-disable-next-line eslint/no-control-regex
const UNFINISHED = /(?:\r|\u001B(?:\[\??[\d;:]{0,64}|\()?)$/u;

interface Writer {
  readonly sgr: Sgr;
  pending: string;
  open: OpenLine | undefined;
}

interface OpenLine {
  readonly number: number;
  readonly line: TerminalLine;
}

const eraseOf = (codes: string): 'right' | 'left' | 'all' => {
  if (codes === '1') return 'left';
  return codes === '2' ? 'all' : 'right';
};

export const makeTranscript = (limits: TranscriptLimits = TRANSCRIPT_LIMITS): Transcript => {
  let lines = makeRing<TranscriptLine>();
  let characters = 0;
  const newWriter = (): Writer => ({ sgr: makeSgr(), pending: '', open: undefined });
  let writers = { stdout: newWriter(), stderr: newWriter() };

  const sizeOf = ({ pieces }: TranscriptLine): number =>
    pieces.reduce((sum, { text }) => sum + text.length, 0);
  const trim = (): void => {
    while (lines.end - lines.first > limits.lines || characters > limits.characters) {
      const line = lines.shift();
      if (line === undefined) return;
      characters -= sizeOf(line);
    }
  };
  const begin = (kind: 'stdout' | 'stderr', at: number): OpenLine => {
    const line = makeTerminalLine();
    const number = lines.end;
    lines.push({
      kind,
      at,
      get pieces() {
        return line.pieces;
      },
    });
    trim();
    return { number, line };
  };

  const push: Transcript['push'] = (kind, text, at) => {
    const writer = writers[kind];
    /** Undefined too where the line has left meanwhile. */
    const openLine = (): TerminalLine => {
      if (writer.open === undefined || writer.open.number < lines.first) {
        writer.open = begin(kind, at);
      }
      return writer.open.line;
    };
    const change = (act: (line: TerminalLine) => void): void => {
      const line = openLine();
      const before = line.length;
      act(line);
      characters += line.length - before;
    };
    const write = (given: string, className: string): void => {
      let rest = given;
      while (rest !== '') {
        if (openLine().cursor >= limits.lineCharacters) writer.open = begin(kind, at);
        const part = rest.slice(0, limits.lineCharacters - openLine().cursor);
        rest = rest.slice(part.length);
        change((line) => line.write(part, className));
      }
    };
    const obey = (match: RegExpExecArray): void => {
      const [whole] = match;
      const { codes, final, idle } = match.groups ?? {};
      if (final === 'm') writer.sgr.apply(codes ?? '');
      else if (final === 'K') change((line) => line.erase(eraseOf(codes ?? '')));
      else if (whole.endsWith('\n')) {
        openLine();
        writer.open = undefined;
      } else if (whole === '\r') openLine().home();
      else if (whole === '\b') openLine().back();
      else if (idle === undefined) write(symbolOf(whole), SYMBOL_CLASS);
    };

    const all = writer.pending + text;
    const [unfinished = ''] = UNFINISHED.exec(all) ?? [];
    writer.pending = unfinished;
    const whole = all.slice(0, all.length - unfinished.length);
    let end = 0;
    for (const match of whole.matchAll(NEXT)) {
      write(whole.slice(end, match.index), writer.sgr.className());
      end = match.index + match[0].length;
      obey(match);
    }
    write(whole.slice(end), writer.sgr.className());
    trim();
  };

  return {
    get lines() {
      return lines;
    },
    get gone() {
      return lines.first;
    },
    push,
    note: (text, at) => {
      const line = { kind: 'note', at, pieces: [{ text, className: '' }] } as const;
      lines.push(line);
      characters += sizeOf(line);
      trim();
    },
    clear: () => {
      lines = makeRing();
      characters = 0;
      writers = { stdout: newWriter(), stderr: newWriter() };
    },
  };
};

/** As it stands on the page. */
export const lineText = ({ pieces }: TranscriptLine): string =>
  pieces.map(({ text }) => text).join('');
