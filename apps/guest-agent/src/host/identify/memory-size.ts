/** `4G`, `1.5g`, `2048`: an amount of memory as command lines have it. */

const SIZE = /^(?<amount>\d{1,16}(?:\.\d{1,6})?)(?<unit>[bkmgtpe]?)(?:i?b)?$/iu;
const POWERS: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };
const LARGEST = 2 ** 64;

/** In bytes; `unit` is what a bare number counts. */
export const parseMemorySize = (text: string | undefined, unit: 'b' | 'm'): number | undefined => {
  const match = SIZE.exec(text ?? '')?.groups;
  const amount = match?.['amount'];
  if (amount === undefined) return undefined;
  const power = POWERS[match?.['unit']?.toLowerCase() || unit] ?? 0;
  const bytes = Math.floor(Number(amount) * 1024 ** power);
  return bytes > 0 && bytes <= LARGEST ? bytes : undefined;
};
