/** What is pulled, and for how long. */

export interface Fleet {
  readonly guests: number;
  readonly intervalMs: number;
  /** Of the guests: nobody listens. */
  readonly refused: number;
  /** A connection and no answer. */
  readonly silent: number;
  /** A byte each 100 ms. */
  readonly drip: number;
  /** An answer that is no sample. */
  readonly garbage: number;
}

/** Fleets to try: upwards until one is too many, or, where the first is, downwards until one holds. */
export interface Ladder {
  readonly intervalMs: number;
  readonly up: readonly number[];
  readonly down: readonly number[];
}

export interface Plan {
  /** Side by side with Prometheus. */
  readonly fleets: readonly Fleet[];
  /** The first fleet again, with guests that are ill. */
  readonly ill: Fleet;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly ladders: readonly Ladder[];
  readonly stepWarmUpMs: number;
  readonly stepWindowMs: number;
  readonly sockets: readonly number[];
  readonly fanOutWarmUpMs: number;
  readonly fanOutWindowMs: number;
}

const healthy = (guests: number, intervalMs: number): Fleet => ({
  guests,
  intervalMs,
  refused: 0,
  silent: 0,
  drip: 0,
  garbage: 0,
});

export const wellGuests = (fleet: Fleet): number =>
  fleet.guests - fleet.refused - fleet.silent - fleet.drip - fleet.garbage;

export const makeFleet = healthy;

/** 5 % dead, half of them without a word; 1 % drip; 1 % garbage. */
export const withIll = (fleet: Fleet): Fleet => ({
  ...fleet,
  refused: Math.round(fleet.guests * 0.025),
  silent: Math.round(fleet.guests * 0.025),
  drip: Math.round(fleet.guests * 0.01),
  garbage: Math.round(fleet.guests * 0.01),
});

export const makePlan = (quick: boolean): Plan =>
  quick
    ? {
        fleets: [healthy(200, 1_000)],
        ill: withIll(healthy(200, 1_000)),
        warmUpMs: 4_000,
        windowMs: 5_000,
        ladders: [{ intervalMs: 1_000, up: [300], down: [100] }],
        stepWarmUpMs: 3_000,
        stepWindowMs: 4_000,
        sockets: [20],
        fanOutWarmUpMs: 2_000,
        fanOutWindowMs: 4_000,
      }
    : {
        fleets: [healthy(1_000, 1_000), healthy(5_000, 1_000), healthy(10_000, 5_000)],
        ill: withIll(healthy(1_000, 1_000)),
        warmUpMs: 20_000,
        windowMs: 20_000,
        ladders: [
          {
            intervalMs: 1_000,
            up: [5_000, 6_500, 8_000, 10_000, 12_500, 15_000, 19_000],
            down: [3_500, 2_500, 1_500],
          },
          { intervalMs: 5_000, up: [15_000, 19_000], down: [12_000, 9_000] },
        ],
        stepWarmUpMs: 12_000,
        stepWindowMs: 10_000,
        sockets: [100, 1_000],
        fanOutWarmUpMs: 5_000,
        fanOutWindowMs: 15_000,
      };
