/** What must hold for the result of any parser on any text. */

import type { Parsed } from '../parsed.ts';

const CONTROL = /[\p{C}\p{Zl}\p{Zp}]/u;
const LONGEST_DETAIL = 160;

export interface NumberRules {
  readonly negativesAllowed: boolean;
}

/** Throws an Error that names the rule and the place. */
export function checkResult(result: Parsed<unknown>, rules: NumberRules): void {
  if (result.ok) {
    checkValue(result.value, 'value', rules);
    return;
  }
  const { source, problem, detail } = result.error;
  if (source === '') throw new Error('an error must name its source');
  if (problem !== 'empty' && problem !== 'malformed') throw new Error('unknown problem');
  if (CONTROL.test(detail)) throw new Error('the detail has control characters');
  if (detail.length > LONGEST_DETAIL) throw new Error(`the detail is too long: ${detail.length}`);
}

function checkValue(value: unknown, path: string, rules: NumberRules): void {
  if (typeof value === 'number') {
    checkNumber(value, path, rules);
  } else if (value instanceof Map) {
    for (const [key, entry] of value) {
      checkValue(key, `${path} key`, rules);
      checkValue(entry, `${path}.${String(key)}`, rules);
    }
  } else if (value instanceof Set || Array.isArray(value)) {
    for (const entry of value) checkValue(entry, `${path}[]`, rules);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, entry] of Object.entries(value)) checkValue(entry, `${path}.${key}`, rules);
  } else if (typeof value !== 'string' && typeof value !== 'boolean') {
    // A missing field must be absent, so that `undefined` never shows up as a property.
    throw new Error(`${path} is ${String(value)}`);
  }
}

function checkNumber(value: number, path: string, rules: NumberRules): void {
  if (!Number.isFinite(value)) throw new Error(`${path} is ${value}`);
  if (Object.is(value, -0)) throw new Error(`${path} is -0`);
  if (value < 0 && !rules.negativesAllowed) throw new Error(`${path} is negative: ${value}`);
}
