/** How many lines of text each line takes when long ones wrap: guessed, then measured when seen. */
import { guessLines } from './geometry.ts';
import { cutNote, shownLength, type LineElement } from './line-element.ts';
import { shownOf, type Row } from './row.ts';

export const LINE_HEIGHT = 18;

/** @param columns how many characters fit into the width that a message has */
export const linesOf = (row: Row | undefined, columns: number): number => {
  if (row?.kind !== 'line') return 1;
  if (row.linesFor !== columns) {
    const text = shownOf(row).plain.slice(0, shownLength(true)) + cutNote(row, true);
    row.lines = guessLines(text, columns);
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
