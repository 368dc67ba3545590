/**
 * Where in the interval the samples of a VM fall. Steps as long as the interval are laid so that
 * samples fall into their middle; otherwise one that comes a millisecond early would leave a gap.
 */

/** The mean of moments on a circle as long as the interval; undefined where there are none. */
export const phaseOf = (moments: readonly number[], intervalMs: number): number | undefined => {
  if (moments.length === 0) return undefined;
  let x = 0;
  let y = 0;
  for (const moment of moments) {
    const angle = ((moment % intervalMs) / intervalMs) * 2 * Math.PI;
    x += Math.cos(angle);
    y += Math.sin(angle);
  }
  const phase = (Math.atan2(y, x) / (2 * Math.PI)) * intervalMs;
  return Math.round(phase < 0 ? phase + intervalMs : phase) % intervalMs;
};
