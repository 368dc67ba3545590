/** The line at the upper edge of what is in sight, which stays there while others come and go. */
import type { Geometry } from './geometry.ts';
import { numberOf, type RowPlace } from './row-place.ts';
import type { RowStore } from './row-store.ts';

export interface Anchor {
  keep(top: number, geometry: Geometry): void;
  forget(): void;
  /** Where the upper edge belongs; undefined: nothing is kept. */
  top(geometry: Geometry): number | undefined;
}

interface Kept {
  readonly place: RowPlace;
  /** Of the upper edge, below that of the line. */
  readonly offset: number;
}

export const makeAnchor = ({ ring, index }: Pick<RowStore, 'ring' | 'index'>): Anchor => {
  let kept: Kept | undefined;
  return {
    keep: (top, geometry) => {
      const position = geometry.positionAt(top);
      const number = index.visible.at(position);
      const row = number === undefined ? undefined : ring.at(number);
      kept =
        number === undefined || row === undefined
          ? undefined
          : { place: { row, number }, offset: top - geometry.top(position) };
    },
    forget: () => {
      kept = undefined;
    },
    top: (geometry) => {
      if (kept === undefined) return undefined;
      const { place, offset } = kept;
      const number = numberOf(ring, place) ?? place.number;
      return geometry.top(index.visible.positionOf(number)) + offset;
    },
  };
};
