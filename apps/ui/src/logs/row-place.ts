/**
 * A line and where it stands. Among the lines of several VMs its number changes whenever one comes
 * that belongs before it, so a line that is looked at is known by itself and found again from there.
 */
import type { Ring } from '../terminal/ring.ts';
import type { Row } from './row.ts';

export interface RowPlace {
  readonly row: Row;
  /** Its number when it was last found. */
  number: number;
}

/** Undefined: it is no longer there. */
export const numberOf = (ring: Ring<Row>, place: RowPlace): number | undefined => {
  const { row, number } = place;
  const most = Math.max(Math.abs(ring.end - number), Math.abs(number - ring.first));
  for (let step = 0; step <= most; step += 1) {
    for (const near of [number + step, number - step]) {
      if (ring.at(near) !== row) continue;
      place.number = near;
      return near;
    }
  }
  return undefined;
};
