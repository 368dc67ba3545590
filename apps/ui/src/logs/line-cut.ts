/** How much of a line's text is in sight where it stands among others; the rest is a click away. */
import { formatCount } from '../format/count.ts';
import { shownOf, type LineRow } from './row.ts';

const MOST_WRAPPED = 2_000;
const MOST_IN_A_LINE = 600;
/** Of a text with line feeds of its own: one line is not to be all that there is on the page. */
const MOST_LINES = 20;

/** In characters: the same for drawing and for guessing how high it will be. */
export const sightLength = (plain: string, isWrapped: boolean): number => {
  if (!isWrapped) return MOST_IN_A_LINE;
  let feed = -1;
  for (let line = 0; line < MOST_LINES && feed < MOST_WRAPPED; line += 1) {
    feed = plain.indexOf('\n', feed + 1);
    if (feed === -1) return MOST_WRAPPED;
  }
  return Math.min(feed, MOST_WRAPPED);
};

const hiddenWords = (hidden: string, isWrapped: boolean): string => {
  let lines = 0;
  for (let at = hidden.indexOf('\n'); at !== -1; at = hidden.indexOf('\n', at + 1)) lines += 1;
  if (!isWrapped || lines < 2) return `${formatCount(hidden.length)} more characters`;
  return `${formatCount(lines)} more lines`;
};

export interface Cut {
  readonly note: string;
  /** There is something to be shown by opening it. */
  readonly hasMore: boolean;
}

/** Undefined: all that came of it is in sight. */
export const cutOf = (row: LineRow, isWrapped: boolean): Cut | undefined => {
  const { plain } = shownOf(row);
  const hidden = plain.slice(sightLength(plain, isWrapped));
  const lost = row.event.cut_bytes;
  if (hidden === '' && lost === undefined) return undefined;
  const parts = [
    hidden === '' ? '' : hiddenWords(hidden, isWrapped),
    lost === undefined ? '' : `${formatCount(lost)} bytes cut by the agent`,
  ].filter((part) => part !== '');
  return { note: ` … ${parts.join(', ')} `, hasMore: hidden !== '' };
};

export const SHOW_ALL = 'Show all';
