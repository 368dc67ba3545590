/** Strings to bytes and back: the engine has no TextEncoder. */
import type { TextCodec } from '../platform.ts';

export const quickjsText: TextCodec = {
  encodeUtf8: (text) => native.encodeUtf8(text),
  utf8Length: (text) => native.utf8Length(text),
  decodeUtf8: (bytes, start, end) => native.decodeUtf8(bytes, start, end),
  decodeLatin1: (bytes, start, end) => native.decodeLatin1(bytes, start, end),
};
