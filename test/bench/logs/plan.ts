/** How much is read and written. */

export interface Plan {
  /** Entries of the journal that is read from its start to its end. */
  readonly entries: number;
  /** Lines written one by one, to see when each arrives. */
  readonly lines: number;
}

export const makePlan = (quick: boolean): Plan =>
  quick ? { entries: 30_000, lines: 40 } : { entries: 200_000, lines: 300 };
