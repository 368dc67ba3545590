/** Base64 in both alphabets (RFC 4648 sections 4 and 5), padding optional; no platform has it all. */

const valueOf = (code: number): number => {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 45 || code === 43) return 62;
  return code === 95 || code === 47 ? 63 : -1;
};

/** Undefined where the text is not base64. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  const length = text.endsWith('==') ? text.length - 2 : text.length - (text.endsWith('=') ? 1 : 0);
  const isPadded = length < text.length;
  if (length % 4 === 1 || (isPadded && text.length % 4 !== 0)) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (let index = 0; index < length; index += 1) {
    const value = valueOf(text.charCodeAt(index));
    if (value === -1) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[at] = (bits >> bitCount) & 0xff;
    at += 1;
  }
  // Left-over bits that are not zero would make two spellings of the same bytes.
  return (bits & ((1 << bitCount) - 1)) === 0 ? bytes : undefined;
};

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Three bytes are four characters; a multiple of three, and few enough for one call's arguments. */
const BLOCK_BYTES = 3072;

const encodeBlock = (bytes: Uint8Array, alphabet: string): string => {
  const codes: number[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const left = Math.min(bytes.length - index, 3);
    const second = left > 1 ? (bytes[index + 1] ?? 0) : 0;
    const third = left > 2 ? (bytes[index + 2] ?? 0) : 0;
    const group = ((bytes[index] ?? 0) << 16) | (second << 8) | third;
    for (let digit = 0; digit <= left; digit += 1) {
      codes.push(alphabet.charCodeAt((group >> (18 - 6 * digit)) & 63));
    }
  }
  return String.fromCharCode(...codes);
};

const encode = (bytes: Uint8Array, alphabet: string): string => {
  const blocks: string[] = [];
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    blocks.push(encodeBlock(bytes.subarray(from, from + BLOCK_BYTES), alphabet));
  }
  return blocks.join('');
};

/** Without padding, in the URL-safe alphabet. */
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes, `${LETTERS}-_`);

/** With padding, in the alphabet that everybody reads. */
export const encodeBase64 = (bytes: Uint8Array): string => {
  const text = encode(bytes, `${LETTERS}+/`);
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
};
