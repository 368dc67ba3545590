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

export const makeFieldDecoder = (
  text: TextCodec,
): ((field: RawField | PackedField) => JournalField) => {
  const make = (name: string, value: string, cutBytes: number): JournalField => ({
    name,
    text: value,
    json: name === 'MESSAGE' ? '' : `${JSON.stringify(name)}:${JSON.stringify(value)}`,
    cutBytes,
  });

  return (field) => {
    if ('packed' in field) {
      const said = `[${field.packedLength} bytes, packed with ${field.packed}: cannot be read]`;
      return make(PACKED_NAME, said, 0);
    }
    const { name, value, valueLength } = field;
    if (name === 'MESSAGE') {
      const cutBytes = valueLength - value.length;
      const message = text.decodeUtf8(value);
      return make(name, cutBytes > 0 ? `${message}\u2026` : message, cutBytes);
    }
    const shown = value.length > MAX_TEXT ? value.subarray(0, MAX_TEXT) : value;
    const mark = valueLength > shown.length ? '\u2026' : '';
    return make(name, text.decodeUtf8(shown) + mark, 0);
  };
};
