/**
 * The bytes of `GET /v1/fleet/recent`: a percentage in halves, 255 where it is unknown. Apart from
 * the schema, so that a page can load this without loading zod.
 */
export const RECENT_UNKNOWN = 255;

const UNITS = 2;
const MOST = 100 * UNITS;

export const packRecent = (percent: number | null): number =>
  percent === null || Number.isNaN(percent)
    ? RECENT_UNKNOWN
    : Math.round(Math.min(100, Math.max(0, percent)) * UNITS);

/** Null is unknown, as is what no manager writes. */
export const unpackRecent = (byte: number): number | null => (byte > MOST ? null : byte / UNITS);
