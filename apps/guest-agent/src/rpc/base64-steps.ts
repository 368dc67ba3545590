/**
 * Base64 of much, a step at a time: without a JIT ten megabytes take two seconds, and others ask for
 * metrics meanwhile.
 */
import { decodeBase64, encodeBase64 } from '../auth/base64url.ts';
import type { Clock } from '../platform/platform.ts';

/** A multiple of three, and of four as text: each step stands alone. */
const STEP_BYTES = 3 * 16 * 1024;
const STEP_CHARACTERS = (STEP_BYTES / 3) * 4;

const turn = async (clock: Pick<Clock, 'after'>): Promise<void> =>
  new Promise((resolve) => {
    clock.after(0, resolve);
  });

export const encodeInSteps = async (
  bytes: Uint8Array,
  clock: Pick<Clock, 'after'>,
): Promise<string> => {
  const steps: string[] = [];
  for (let from = 0; from < bytes.length; from += STEP_BYTES) {
    if (from > 0) await turn(clock);
    steps.push(encodeBase64(bytes.subarray(from, from + STEP_BYTES)));
  }
  return steps.join('');
};

/** Undefined where the text is not base64. */
export const decodeInSteps = async (
  text: string,
  clock: Pick<Clock, 'after'>,
): Promise<Uint8Array | undefined> => {
  const bytes = new Uint8Array(Math.ceil((text.length / 4) * 3));
  let length = 0;
  for (let from = 0; from < text.length; from += STEP_CHARACTERS) {
    if (from > 0) await turn(clock);
    const step = text.slice(from, from + STEP_CHARACTERS);
    const part = decodeBase64(step);
    // Only the last step may be padded, or short.
    const isLast = from + STEP_CHARACTERS >= text.length;
    if (part === undefined || (!isLast && part.length < STEP_BYTES)) return undefined;
    bytes.set(part, length);
    length += part.length;
  }
  return bytes.subarray(0, length);
};
