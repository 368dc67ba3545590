/**
 * How long a target that fails is left alone. Not at all after one failure or two: it takes two in a
 * row until a VM is shown by its host's numbers, and that is to be within moments.
 */
const PATIENCE = 3;
const MAX_BACKOFF_MS = 30_000;
const MAX_DOUBLINGS = 16;

/** `random` from 0 up to 1 spreads those that have failed together. */
export const backoffMs = (failures: number, intervalMs: number, random: number): number => {
  if (failures < PATIENCE) return 0;
  const doublings = Math.min(failures - PATIENCE + 1, MAX_DOUBLINGS);
  return Math.min(MAX_BACKOFF_MS, intervalMs * 2 ** doublings) * (0.75 + random / 4);
};
