/**
 * The elements of the lines in sight, in the order in which they are seen, so that a selection goes
 * across them. When the view moves on, those that leave at one end come back at the other.
 */
import { makeLineElement, type LineElement, type LineLook } from './line-element.ts';
import type { Row } from './row.ts';

export interface LinePool {
  readonly lines: readonly LineElement[];
  /** @param isNewLook every line is to be filled again */
  show(rows: readonly Row[], look: LineLook, isNewLook: boolean): void;
  /** The line that is looked at. */
  mark(current: Row | undefined): void;
}

export const makeLinePool = (parent: HTMLElement): LinePool => {
  const lines: LineElement[] = [];
  const resize = (count: number): void => {
    while (lines.length > count) lines.pop()?.element.remove();
    while (lines.length < count) {
      const line = makeLineElement(parent.ownerDocument);
      lines.push(line);
      parent.append(line.element);
    }
  };
  /** Turns the elements so that lines that stay in sight keep theirs. */
  const turn = (rows: readonly Row[]): void => {
    const [first] = rows;
    const gone = lines.findIndex(({ row }) => row !== undefined && row === first);
    if (gone > 0) {
      const moved = lines.splice(0, gone);
      for (const { element } of moved) parent.append(element);
      lines.push(...moved);
      return;
    }
    const [top] = lines;
    if (gone === 0 || top?.row === undefined) return;
    const come = rows.indexOf(top.row);
    if (come <= 0) return;
    const moved = lines.splice(-come);
    for (const { element } of moved) parent.insertBefore(element, top.element);
    lines.unshift(...moved);
  };
  return {
    lines,
    mark: (current) => {
      for (const line of lines) line.setCurrent(current !== undefined && line.row === current);
    },
    show: (rows, look, isNewLook) => {
      turn(rows);
      resize(rows.length);
      for (const [at, row] of rows.entries()) {
        const line = lines[at];
        if (line === undefined) continue;
        if (isNewLook || line.row !== row) line.fill(row, look);
      }
    },
  };
};
