/** How much is read and written. */

export interface Plan {
  /** Entries of the journal that is read from its start to its end. */
  readonly entries: number;
  /** Lines written one by one, to see when each arrives. */
  readonly lines: number;
  /** The same, to see when each is painted; with pauses. */
  readonly pausedLines: number;
  /** Lines a second. */
  readonly paintRates: readonly number[];
  readonly paintMs: number;
  /** Lines a second. */
  readonly pageRates: readonly number[];
  readonly pageMs: number;
  /** Lines a second, upwards until one is too many. */
  readonly throughputRates: readonly number[];
  readonly throughputMs: number;
  /** Of one VM. */
  readonly viewers: number;
  /** With one viewer each. */
  readonly watchedVms: number;
  readonly memoryMs: number;
}

export const makePlan = (quick: boolean): Plan => ({
  paintRates: [100, 500, 2_000],
  pageRates: [500, 5_000],
  viewers: 50,
  watchedVms: 200,
  ...(quick
    ? {
        entries: 30_000,
        lines: 20,
        pausedLines: 20,
        paintMs: 2_000,
        pageMs: 2_000,
        throughputRates: [10_000],
        throughputMs: 1_500,
        memoryMs: 3_000,
      }
    : {
        entries: 200_000,
        lines: 150,
        pausedLines: 85,
        paintMs: 10_000,
        pageMs: 6_000,
        throughputRates: [5_000, 10_000, 20_000, 30_000],
        throughputMs: 3_000,
        memoryMs: 10_000,
      }),
});
