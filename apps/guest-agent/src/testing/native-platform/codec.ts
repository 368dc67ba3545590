/**
 * Values between a test and a platform in another process, as JSON: bytes become text of one
 * character per byte, and what cannot leave its process, objects with functions and functions alone,
 * gets a number there. Both sides have it, one of them without Node.
 */

export interface Codec {
  toWire(value: unknown): unknown;
  fromWire(wire: unknown): unknown;
}

export interface Objects {
  /** The number of an object with functions, or of a function. */
  numberOf(value: object): number;
  /** What stands here for the other side's object; `methods` is empty for a function. */
  standIn(number: number, methods: readonly string[], fields: Record<string, unknown>): unknown;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const toLatin1 = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
};

const fromLatin1 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
};

export const makeCodec = (objects: Objects): Codec => {
  const recordToWire = (value: Record<string, unknown>): unknown => {
    const entries = Object.entries(value);
    const methods = entries.flatMap(([name, one]) => (typeof one === 'function' ? [name] : []));
    const fields = Object.fromEntries(
      entries
        .filter(([, one]) => typeof one !== 'function')
        .map(([name, one]) => [name, toWire(one)]),
    );
    if (methods.length === 0) return { fields };
    return { number: objects.numberOf(value), methods, fields };
  };

  function toWire(value: unknown): unknown {
    if (value === undefined) return { nothing: true };
    if (value instanceof Uint8Array) return { bytes: toLatin1(value) };
    if (Array.isArray(value)) return value.map((one: unknown) => toWire(one));
    if (typeof value === 'function') return { number: objects.numberOf(value), methods: [] };
    return isRecord(value) ? recordToWire(value) : value;
  }

  function fromWire(wire: unknown): unknown {
    if (Array.isArray(wire)) return wire.map((one: unknown) => fromWire(one));
    if (!isRecord(wire)) return wire;
    if (wire['nothing'] === true) return undefined;
    const { bytes, number, methods, fields } = wire;
    if (typeof bytes === 'string') return fromLatin1(bytes);
    const values = Object.fromEntries(
      Object.entries(isRecord(fields) ? fields : {}).map(([name, one]) => [name, fromWire(one)]),
    );
    if (typeof number !== 'number') return values;
    return objects.standIn(number, listOf(methods).map(String), values);
  }

  return { toWire, fromWire };
};
