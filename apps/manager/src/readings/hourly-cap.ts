/** At most so many in an hour. A VM that flaps, or a guest that plays, must not fill the database. */
export interface HourlyCap {
  take(nowMs: number): boolean;
}

const HOUR_MS = 3_600_000;

export const makeHourlyCap = (most: number): HourlyCap => {
  let startedMs: number | undefined;
  let taken = 0;
  return {
    take: (nowMs) => {
      if (startedMs === undefined || nowMs - startedMs >= HOUR_MS) {
        startedMs = nowMs;
        taken = 0;
      }
      if (taken >= most) return false;
      taken += 1;
      return true;
    },
  };
};
