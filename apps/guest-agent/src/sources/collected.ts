/**
 * What reading a source comes to: a value, or why there is none. A machine that does not have
 * something is not a fault; a file that cannot be understood is.
 */
import type { Parsed } from '@innkeeper/procfs';
import type { PlatformError } from '../platform/platform.ts';
import type { Source } from './source.ts';

export type Collected<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      /** The machine does not have this (an old kernel, no such hardware): no fault of anything. */
      readonly absent: boolean;
      readonly error: string;
    };

export const collected = <Value>(value: Value): Collected<Value> => ({ ok: true, value });

export const absent = (error: string): Collected<never> => ({ ok: false, absent: true, error });

export const failed = (error: string): Collected<never> => ({ ok: false, absent: false, error });

/** ENOTSUP is what /proc/pressure says where the kernel has it switched off. */
const ABSENT_CODES = new Set(['ENOENT', 'ENODEV', 'ENOTDIR', 'ENOTSUP', 'EOPNOTSUPP']);

export const unreadable = (error: PlatformError): Collected<never> => ({
  ok: false,
  absent: ABSENT_CODES.has(error.code),
  error: error.message,
});

const interpret = <Value>(parsed: Parsed<Value>): Collected<Value> =>
  parsed.ok
    ? parsed
    : failed(`${parsed.error.source} is ${parsed.error.problem}: ${parsed.error.detail}`);

/** Most sources are one file and its parser. */
export const readParsed = <Value>(
  source: Source,
  parse: (text: string) => Parsed<Value>,
): Collected<Value> => {
  const text = source.read();
  return text.ok ? interpret(parse(text.value)) : unreadable(text.error);
};

export const valueOf = <Value>(outcome: Collected<Value>): Value | undefined =>
  outcome.ok ? outcome.value : undefined;
