/**
 * How long the long tests are: INNKEEPER_LONG=0.01 does a hundredth of everything, to see that they
 * work. `npm run test:long` sets it to 1.
 */
const SCALE = Number(process.env['INNKEEPER_LONG'] ?? 1);

export const isLong = process.env['INNKEEPER_LONG'] !== undefined;

export const scaled = (count: number): number => Math.max(1, Math.round(count * SCALE));
