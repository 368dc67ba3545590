/** Turns the errno of a call into the platform's error value, worded as Node words it. */
import type { Outcome } from '../platform.ts';

export type Failure = Extract<Outcome<never>, { ok: false }>;

export const failWith = (code: string, why: string, call: string): Failure => ({
  ok: false,
  error: { code, message: `${code}: ${why}, ${call}` },
});

/** @param result what the call gave: the errno as a negative number */
export const failure = (result: number, call: string): Failure => {
  const text = native.errorText(-result);
  return failWith(
    native.errorName(-result),
    `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`,
    call,
  );
};

export const succeed = <Value>(value: Value): Outcome<Value> => ({ ok: true, value });
