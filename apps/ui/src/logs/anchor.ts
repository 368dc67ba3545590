/** The line at the upper edge of what is in sight, which stays there while others come and go. */
import type { Geometry } from './geometry.ts';
import type { RowStore } from './row-store.ts';
import type { Row } from './row.ts';

export interface Anchor {
  keep(top: number, geometry: Geometry): void;
  forget(): void;
  /** Where the upper edge belongs; undefined: nothing is kept. */
  top(geometry: Geometry): number | undefined;
}

/** How far a line may have moved among those of other VMs. */
const NEAR = 2_000;

interface Kept {
  readonly number: number;
  readonly row: Row | undefined;
  /** Of the upper edge, below that of the line. */
  readonly offset: number;
}

export const makeAnchor = ({ ring, index }: Pick<RowStore, 'ring' | 'index'>): Anchor => {
  let kept: Kept | undefined;
  const positionOf = ({ number, row }: Kept): number => {
    if (row === undefined || ring.at(number) === row) return index.visible.positionOf(number);
    for (let step = 1; step < NEAR; step += 1) {
      for (const near of [number + step, number - step]) {
        if (ring.at(near) === row) return index.visible.positionOf(near);
      }
    }
    return index.visible.positionOf(number);
  };
  return {
    keep: (top, geometry) => {
      const position = geometry.positionAt(top);
      const number = index.visible.at(position);
      kept =
        number === undefined
          ? undefined
          : { number, row: ring.at(number), offset: top - geometry.top(position) };
    },
    forget: () => {
      kept = undefined;
    },
    top: (geometry) =>
      kept === undefined ? undefined : geometry.top(positionOf(kept)) + kept.offset,
  };
};
