/** What every contender draws: two series for each of six charts, a point a second, the same for all. */

export const CHARTS = 6;
export const SERIES = 2;
export const POINTS = 300;
export const STEP_MS = 1_000;

export interface Point {
  /** In ms since the epoch. */
  readonly time: number;
  /** Of all charts: the two of the first, the two of the second, and so on. */
  readonly values: readonly number[];
}

/** Between 0 and 1, and the same for the same second in every run. */
const noise = (series: number, second: number): number => {
  const wave = Math.sin(series * 127.1 + second * 311.7) * 43_758.545;
  return wave - Math.floor(wave);
};

const valueOf = (series: number, second: number): number =>
  45 + 30 * Math.sin(second / (19 + series)) + 20 * noise(series, second);

/** Only the time is of now. */
const pointAt = (second: number, time: number): Point => ({
  time,
  values: Array.from({ length: CHARTS * SERIES }, (_, series) => valueOf(series, second)),
});

export interface Feed {
  /** What there is at the beginning, oldest first. */
  readonly points: readonly Point[];
  /**
   * Calls with a new point each second, in an animation frame: of what is drawn outside of one, the
   * browser does not count all.
   */
  follow(push: (point: Point) => void): void;
}

export const makeFeed = (): Feed => {
  const now = Date.now();
  return {
    points: Array.from({ length: POINTS }, (_, second) =>
      pointAt(second, now - (POINTS - 1 - second) * STEP_MS),
    ),
    follow: (push) => {
      let second = POINTS;
      setInterval(() => {
        const point = pointAt(second, Date.now());
        second += 1;
        requestAnimationFrame(() => push(point));
      }, STEP_MS);
    },
  };
};
