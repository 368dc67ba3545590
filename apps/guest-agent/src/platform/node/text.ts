/** Strings to bytes and back. */
import type { TextCodec } from '../platform.ts';

const view = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const nodeText: TextCodec = {
  encodeUtf8: (text) => Buffer.from(text, 'utf8'),
  utf8Length: (text) => Buffer.byteLength(text, 'utf8'),
  decodeUtf8: (bytes) => view(bytes).toString('utf8'),
  decodeLatin1: (bytes) => view(bytes).toString('latin1'),
};
