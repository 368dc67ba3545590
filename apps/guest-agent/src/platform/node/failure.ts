/** Turns what Node throws into the platform's error values. */
import type { Outcome } from '../platform.ts';

export const failure = (error: unknown): Extract<Outcome<never>, { ok: false }> => {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'EUNKNOWN';
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, error: { code, message } };
};
