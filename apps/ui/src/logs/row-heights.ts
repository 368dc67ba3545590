/** How many lines of text each line takes when long ones wrap: guessed, then measured when seen. */
import { guessLines } from './geometry.ts';
import { cutOf, SHOW_ALL, sightLength } from './line-cut.ts';
import type { LineElement } from './line-element.ts';
import { shownOf, type Row } from './row.ts';

export const LINE_HEIGHT = 18;

/** @param columns how many characters fit into the width that a message has */
export const linesOf = (row: Row | undefined, columns: number): number => {
  if (row?.kind !== 'line') return 1;
  if (row.linesFor !== columns) {
    const { plain } = shownOf(row);
    const cut = cutOf(row, true);
    const more = cut === undefined ? '' : cut.note + (cut.hasMore ? SHOW_ALL : '');
    row.lines = guessLines(plain.slice(0, sightLength(plain, true)) + more, columns);
    row.linesFor = columns;
  }
  return row.lines;
};

/** @returns whether they are as high as they were thought to be */
export const measureLines = (lines: readonly LineElement[], columns: number): boolean => {
  let isRight = true;
  for (const { element, row } of lines) {
    if (row?.kind !== 'line') continue;
    const measured = Math.max(1, Math.round(element.offsetHeight / LINE_HEIGHT));
    if (measured !== row.lines) isRight = false;
    row.lines = measured;
    row.linesFor = columns;
  }
  return isRight;
};
