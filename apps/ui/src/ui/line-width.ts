/**
 * How wide a line of a canvas is. One of a single pixel is drawn as it is; for each that is wider, an
 * outline is worked out first, which takes three times as long.
 */

/** On a screen with larger pixels nobody sees the difference. */
const NEARLY_ONE = 1.5;

/** In CSS pixels, as is `wanted`; `ratio`: how many of the screen are in one of those. */
export const lineWidth = (wanted: number, ratio: number): number =>
  wanted * ratio < NEARLY_ONE ? 1 / ratio : wanted;
