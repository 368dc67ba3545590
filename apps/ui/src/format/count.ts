/** How many: 1,000. */

/** Made once: to look up how a language writes numbers takes longer than to write one. */
const counts = new Intl.NumberFormat('en-US');
/** Up to here there is nothing to group. */
const LEAST_GROUPED = 1_000;

export const formatCount = (count: number): string =>
  Number.isInteger(count) && count >= 0 && count < LEAST_GROUPED
    ? String(count)
    : counts.format(count);
