/** DER (X.690), as much as a certificate needs. */

export const SEQUENCE = 0x30;
export const SET = 0x31;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const UTF8_STRING = 0x0c;

const SHORT_LENGTH = 0x80;

const lengthOf = (length: number): readonly number[] => {
  if (length < SHORT_LENGTH) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
};

/** A value of at most 64 KiB: what it holds, one after the other. */
export const der = (tag: number, ...parts: readonly ArrayLike<number>[]): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [tag, ...lengthOf(length)];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};
