/** Strings to bytes and back: the engine has no TextEncoder. */
import type { TextCodec } from '../platform.ts';

export const quickjsText: TextCodec = {
  encodeUtf8: (text) => native.encodeUtf8(text),
  utf8Length: (text) => native.utf8Length(text),
  decodeUtf8: (bytes) => native.decodeUtf8(bytes),
  decodeLatin1: (bytes) => native.decodeLatin1(bytes),
};
