/**
 * The code of the sign-in link that each start prints: it works once, for a day, and only its hash
 * is in memory.
 */
import type { Clock } from '../clock.ts';
import { hashSecret, makeSecret } from './secret.ts';

export interface SignInCode {
  /** For the link that is printed. */
  readonly code: string;
  /** Whether the work came to something; a code that served nothing can be used again. */
  use<Value>(code: string, work: () => Promise<Value | undefined>): Promise<Value | undefined>;
}

const DAY_MS = 24 * 3_600_000;

export const makeSignInCode = (clock: Pick<Clock, 'now'>): SignInCode => {
  const code = makeSecret();
  const hash = hashSecret(code);
  const endsAt = clock.now() + DAY_MS;
  let isFree = true;
  return {
    code,
    use: async (given, work) => {
      if (!isFree || clock.now() >= endsAt || !hashSecret(given).equals(hash)) return undefined;
      // Taken before anything is awaited: two requests with the same code are one sign-in.
      isFree = false;
      let value;
      try {
        value = await work();
        return value;
      } finally {
        isFree = value === undefined;
      }
    },
  };
};
