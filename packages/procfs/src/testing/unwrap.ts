/** Shortcuts for tests: the value of a result that must be good, the error of one that must not. */

import type { Parsed, ParseError } from '../parsed.ts';

export function valueOf<T>(result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw new Error(`unexpected ${result.error.problem}: ${result.error.detail}`);
}

export function errorOf(result: Parsed<unknown>): ParseError {
  if (!result.ok) return result.error;
  throw new Error('expected an error, but the text was accepted');
}
