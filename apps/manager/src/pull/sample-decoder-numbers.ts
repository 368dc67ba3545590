/**
 * The numbers of a compact answer, straight from its bytes. JSON.parse would make objects of each of
 * them, which a thousand guests a second leave to the garbage collector.
 */

const COMMA = 0x2c;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const END = 0x5d;
/** So many digits are exact as an integer, and so is their quotient by a power of ten. */
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, places) => 10 ** places);
const NO_BYTE = -1;

const startsWith = (body: Buffer, prefix: Buffer): boolean => {
  for (let at = 0; at < prefix.length; at += 1) if (body[at] !== prefix[at]) return false;
  return true;
};

/**
 * The answer is `prefix` and as many numbers as `values` has room for, with a comma before each, from
 * 0 up and written as our agents do. False where it is not: then JSON.parse is to say what it is.
 */
export const readNumbers = (body: Buffer, prefix: Buffer, values: Float64Array): boolean => {
  if (!startsWith(body, prefix)) return false;
  let at = prefix.length;
  for (let index = 0; index < values.length; index += 1) {
    if (body[at] !== COMMA) return false;
    at += 1;
    const start = at;
    let value = 0;
    let dot = 0;
    let byte = body[at] ?? NO_BYTE;
    while ((byte >= ZERO && byte <= NINE) || (byte === DOT && dot === 0)) {
      if (byte === DOT) dot = at;
      else value = value * 10 + byte - ZERO;
      at += 1;
      byte = body[at] ?? NO_BYTE;
    }
    const end = dot === 0 ? at : dot;
    const places = dot === 0 ? 0 : at - dot - 1;
    const digits = end - start + places;
    if (end === start || (body[start] === ZERO && end - start > 1)) return false;
    if (dot > 0 && places === 0) return false;
    if (digits <= EXACT_DIGITS) value /= POWERS[places] ?? 1;
    else value = Number(body.toString('latin1', start, at));
    if (value === Number.POSITIVE_INFINITY) return false;
    values[index] = value;
  }
  return body[at] === END && at + 1 === body.length;
};
