/** One line of the view: what a guest logged, or what happened between two of its lines. */
import type { LogEvent, LogLevel, LogMark } from '@innkeeper/protocol';
import { showText, type ShownText } from '../terminal/hostile-text.ts';
import { sizeOfLine } from './row-size.ts';

export interface LineRow {
  readonly kind: 'line';
  /** Which of the view's streams. */
  readonly stream: number;
  /** What it is ordered by: its own time, else that of the line before it. */
  readonly at: number;
  readonly event: LogEvent;
  /** About what it takes of the memory, in characters. */
  readonly size: number;
  /** Made when it is first needed. */
  shown: ShownText | undefined;
  /** In lines of text, as it was last measured or guessed, and for which width. */
  lines: number;
  linesFor: number;
}

export type Note =
  | { readonly kind: 'mark'; readonly mark: LogMark }
  /** Lines that this view did not get. */
  | { readonly kind: 'dropped'; readonly count: number | null }
  /** The manager began the stream anew: what was in between is unknown. */
  | { readonly kind: 'anew' };

export interface NoteRow {
  readonly kind: 'note';
  readonly stream: number;
  readonly at: number;
  readonly note: Note;
}

export type Row = LineRow | NoteRow;

export const makeLineRow = (stream: number, event: LogEvent, before: number): LineRow => ({
  kind: 'line',
  stream,
  at: event.timestamp ?? before,
  event,
  size: sizeOfLine(event),
  shown: undefined,
  lines: 0,
  linesFor: 0,
});

export const shownOf = (row: LineRow): ShownText => {
  row.shown ??= showText(row.event.message);
  return row.shown;
};

/** As the filter has them; `trace` is part of `debug`. */
export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type ViewLevel = (typeof LEVELS)[number];

export const viewLevel = (level: LogLevel): ViewLevel => (level === 'trace' ? 'debug' : level);
