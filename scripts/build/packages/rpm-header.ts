/**
 * The two headers of an RPM: an index of numbered tags and the store of their values.
 * https://rpm-software-management.github.io/rpm/manual/format_header.html
 */

export type RpmValue =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'translated'; readonly value: string }
  | { readonly kind: 'texts'; readonly value: readonly string[] }
  | { readonly kind: 'int16'; readonly value: readonly number[] }
  | { readonly kind: 'int32'; readonly value: readonly number[] }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

export type RpmTags = ReadonlyMap<number, RpmValue>;

const TYPES: Readonly<Record<RpmValue['kind'], number>> = {
  int16: 3,
  int32: 4,
  text: 6,
  bytes: 7,
  texts: 8,
  translated: 9,
};
const ALIGNMENTS: Readonly<Partial<Record<RpmValue['kind'], number>>> = { int16: 2, int32: 4 };
const MAGIC = Buffer.from([0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0]);
const ENTRY_BYTES = 16;

const zeroEnded = (texts: readonly string[]): Buffer =>
  Buffer.from(texts.map((text) => `${text}\0`).join(''));

const numbers = (values: readonly number[], bytes: 2 | 4): Buffer => {
  const buffer = Buffer.alloc(values.length * bytes);
  for (const [index, value] of values.entries()) buffer.writeUIntBE(value, index * bytes, bytes);
  return buffer;
};

const encode = (tag: RpmValue): { readonly data: Uint8Array; readonly count: number } => {
  switch (tag.kind) {
    case 'text':
    case 'translated':
      return { data: zeroEnded([tag.value]), count: 1 };
    case 'texts':
      return { data: zeroEnded(tag.value), count: tag.value.length };
    case 'int16':
      return { data: numbers(tag.value, 2), count: tag.value.length };
    case 'int32':
      return { data: numbers(tag.value, 4), count: tag.value.length };
    case 'bytes':
      return { data: tag.value, count: tag.value.byteLength };
    default: {
      const never: never = tag;
      return never;
    }
  }
};

const entry = (tag: number, type: number, offset: number, count: number): Buffer => {
  const buffer = Buffer.alloc(ENTRY_BYTES);
  buffer.writeUInt32BE(tag, 0);
  buffer.writeUInt32BE(type, 4);
  buffer.writeInt32BE(offset, 8);
  buffer.writeUInt32BE(count, 12);
  return buffer;
};

/** @param region the tag that stands for all of the others: what a signature covers */
export const makeRpmHeader = (region: number, tags: RpmTags): Buffer => {
  const entries: Buffer[] = [];
  const store: Uint8Array[] = [];
  let length = 0;
  const put = (data: Uint8Array, alignment = 1): number => {
    const padding = (alignment - (length % alignment)) % alignment;
    store.push(Buffer.alloc(padding), data);
    const offset = length + padding;
    length = offset + data.byteLength;
    return offset;
  };
  for (const [tag, value] of [...tags].toSorted(([one], [other]) => one - other)) {
    const { data, count } = encode(value);
    entries.push(entry(tag, TYPES[value.kind], put(data, ALIGNMENTS[value.kind]), count));
  }
  const size = (entries.length + 1) * ENTRY_BYTES;
  const offset = put(entry(region, TYPES.bytes, -size, ENTRY_BYTES));
  const first = entry(region, TYPES.bytes, offset, ENTRY_BYTES);
  const counts = numbers([entries.length + 1, length], 4);
  return Buffer.concat([MAGIC, counts, first, ...entries, ...store]);
};
