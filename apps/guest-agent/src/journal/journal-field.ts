/** A field of an entry as records need it: decoded and written as JSON once for all entries with it. */
import type { PackedField, RawField } from '@innkeeper/journal';
import type { TextCodec } from '../platform/platform.ts';

export interface JournalField {
  readonly name: string;
  readonly text: string;
  /** `"NAME":"value"` */
  readonly json: string;
  readonly cutBytes: number;
}

/** A field that nobody could unpack says so where its message would be. */
const PACKED_NAME = 'MESSAGE';
/** Of everything but the message. */
const MAX_TEXT = 4_096;

/** Programs have some hundreds of names; who makes up new ones pays for them. */
const MAX_NAMES = 1_000;

export const makeFieldDecoder = (
  text: TextCodec,
): ((field: RawField | PackedField) => JournalField) => {
  /** `"NAME":` */
  const keys = new Map<string, string>();

  const keyOf = (name: string): string => {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = `${JSON.stringify(name)}:`;
    if (keys.size >= MAX_NAMES) keys.clear();
    keys.set(name, key);
    return key;
  };

  const make = (name: string, value: string, cutBytes: number): JournalField => ({
    name,
    text: value,
    json: name === 'MESSAGE' ? '' : keyOf(name) + JSON.stringify(value),
    cutBytes,
  });

  return (field) => {
    if ('packed' in field) {
      const said = `[${field.packedLength} bytes, packed with ${field.packed}: cannot be read]`;
      return make(PACKED_NAME, said, 0);
    }
    const { name, bytes, start, end, valueLength } = field;
    if (name === 'MESSAGE') {
      const cutBytes = valueLength - (end - start);
      const message = text.decodeUtf8(bytes, start, end);
      return make(name, cutBytes > 0 ? `${message}\u2026` : message, cutBytes);
    }
    const shownEnd = Math.min(end, start + MAX_TEXT);
    const mark = valueLength > shownEnd - start ? '\u2026' : '';
    return make(name, text.decodeUtf8(bytes, start, shownEnd) + mark, 0);
  };
};
