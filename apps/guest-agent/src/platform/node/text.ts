/** Strings to bytes and back. */
import type { TextCodec } from '../platform.ts';

let viewed: Uint8Array = new Uint8Array(0);
let buffer: Buffer = Buffer.alloc(0);

/** Making one costs more than decoding a short text, and many texts come of the same bytes. */
const view = (bytes: Uint8Array): Buffer => {
  if (bytes !== viewed) {
    viewed = bytes;
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return buffer;
};

export const nodeText: TextCodec = {
  encodeUtf8: (text) => Buffer.from(text, 'utf8'),
  utf8Length: (text) => Buffer.byteLength(text, 'utf8'),
  decodeUtf8: (bytes, start, end) => view(bytes).toString('utf8', start, end),
  decodeLatin1: (bytes, start, end) => view(bytes).toString('latin1', start, end),
};
