/**
 * The only place of this package where text becomes a number. `Number()` and `parseInt()` are too
 * kind for this: to them an empty string is 0, and `0x10`, `1e5` and ` 5` are numbers too.
 */

/**
 * What the largest u64, 2^64 - 1, becomes as a double. The kernel prints no larger counter, and the
 * bound keeps sums and products of counters finite.
 */
const LARGEST_COUNT = 2 ** 64;
const LONGEST_HEX = 16;

/** Decimal digits only, up to the largest u64 (rounded to a double from 2^53 on). */
export function parseCount(token: string): number | undefined {
  const value = Number(token);
  // Almost every counter is written the way JavaScript would write it. Comparing with that is a
  // native operation, much cheaper than a loop over the digits where there is no JIT.
  if (Number.isSafeInteger(value) && value >= 0 && String(value) === token) return value;
  return isDigits(token) && value <= LARGEST_COUNT ? value : undefined;
}

/** Like `parseCount`, with an optional leading minus. */
export function parseInteger(token: string): number | undefined {
  if (token.charCodeAt(0) !== 45) return parseCount(token);
  const magnitude = parseCount(token.slice(1));
  // Subtracting, not negating: `-0` in the file must not become the number -0.
  return magnitude === undefined ? undefined : 0 - magnitude;
}

/** Digits with an optional fraction: `12` or `0.05`, never `.5`, `5.` or `1e5`. */
export function parseDecimal(token: string): number | undefined {
  const point = token.indexOf('.');
  if (point === -1) return parseCount(token);
  if (!isDigits(token.slice(0, point)) || !isDigits(token.slice(point + 1))) return undefined;
  const value = Number(token);
  return value <= LARGEST_COUNT ? value : undefined;
}

/** Hexadecimal digits without a prefix, as the kernel prints them with `%08x`. */
export function parseHex(token: string): number | undefined {
  if (token === '00000000') return 0;
  if (token.length === 0 || token.length > LONGEST_HEX) return undefined;
  for (let index = 0; index < token.length; index += 1) {
    const code = token.charCodeAt(index);
    const isLetter = (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
    if (!isLetter && (code < 48 || code > 57)) return undefined;
  }
  return Number(`0x${token}`);
}

function isDigits(token: string): boolean {
  for (let index = 0; index < token.length; index += 1) {
    const code = token.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return token.length > 0;
}
