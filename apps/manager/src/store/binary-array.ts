/**
 * Arrays in Postgres' binary format, as parameters of statements.
 *
 * https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES; the layout
 * is that of array_recv: dimensions, has-nulls, element type, then length and lower bound, then
 * each element behind its own length, -1 for null. All of it big-endian.
 */

export const OID = {
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  float4: 700,
  timestamptz: 1184,
} as const;

export const ARRAY_HEADER_BYTES = 20;
export const ELEMENT_NULL = -1;
/** Postgres counts microseconds from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000;

interface StartedArray {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** @param elementBytes of all elements, each with the four bytes of its length */
export const startArray = (oid: number, length: number, elementBytes: number): StartedArray => {
  const bytes = Buffer.allocUnsafe(ARRAY_HEADER_BYTES + elementBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(0, 1);
  view.setInt32(4, 1);
  view.setInt32(8, oid);
  view.setInt32(12, length);
  view.setInt32(16, 1);
  return { bytes, view };
};

/** Below 2^53 until the year 2285: halves of a double are faster than a BigInt. */
export const setTimestamp = (view: DataView, at: number, unixMs: number): void => {
  const micros = (unixMs - EPOCH_2000_MS) * 1000;
  view.setInt32(at, Math.floor(micros / 2 ** 32));
  view.setUint32(at + 4, ((micros % 2 ** 32) + 2 ** 32) % 2 ** 32);
};

type Values<Value> = readonly (Value | undefined)[];

const encodeFixed = <Value>(
  { oid, size }: { readonly oid: number; readonly size: number },
  values: Values<Value>,
  set: (started: StartedArray, at: number, value: Value) => void,
): Buffer => {
  const started = startArray(oid, values.length, values.length * (4 + size));
  let at = ARRAY_HEADER_BYTES;
  for (const value of values) {
    started.view.setInt32(at, value === undefined ? ELEMENT_NULL : size);
    at += 4;
    if (value === undefined) continue;
    set(started, at, value);
    at += size;
  }
  return started.bytes.subarray(0, at);
};

export const encodeInt2s = (values: Values<number>): Buffer =>
  encodeFixed({ oid: OID.int2, size: 2 }, values, ({ view }, at, value) => {
    view.setInt16(at, value);
  });

export const encodeInt4s = (values: Values<number>): Buffer =>
  encodeFixed({ oid: OID.int4, size: 4 }, values, ({ view }, at, value) => {
    view.setInt32(at, value);
  });

/** The first eight bytes of each. */
export const encodeInt8s = (values: Values<Uint8Array>): Buffer =>
  encodeFixed({ oid: OID.int8, size: 8 }, values, ({ bytes }, at, value) => {
    bytes.set(value.subarray(0, 8), at);
  });

/** Of unix milliseconds. */
export const encodeTimestamps = (values: Values<number>): Buffer =>
  encodeFixed({ oid: OID.timestamptz, size: 8 }, values, ({ view }, at, value) => {
    setTimestamp(view, at, value);
  });

/** Halves of surrogate pairs become U+FFFD; of NUL, which Postgres refuses, they must be free. */
export const encodeTexts = (oid: 25 | 114, values: Values<string>): Buffer => {
  const sizes = values.map((value) => (value === undefined ? 0 : Buffer.byteLength(value)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const { bytes, view } = startArray(oid, values.length, values.length * 4 + total);
  let at = ARRAY_HEADER_BYTES;
  values.forEach((value, index) => {
    const size = sizes[index] ?? 0;
    view.setInt32(at, value === undefined ? ELEMENT_NULL : size);
    at += 4;
    if (value !== undefined) bytes.write(value, at, 'utf8');
    at += size;
  });
  return bytes;
};
