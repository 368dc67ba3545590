/** One field of an entry: https://systemd.io/JOURNAL_FILE_FORMAT/#data-objects. */
import type { BlockCache } from './block-cache.ts';
import { DATA_OBJECT, readObjectHead } from './object-head.ts';

export type Compression = 'xz' | 'lz4' | 'zstd';

/**
 * The first `maxBytes` of what was packed; `length` is how much there is in all, where that is
 * known. Undefined where it cannot be unpacked. Never throws.
 */
export type Decompress = (
  compression: Compression,
  packed: Uint8Array,
  maxBytes: number,
) => { readonly bytes: Uint8Array; readonly length: number } | undefined;

export interface RawField {
  readonly name: string;
  /** What follows the name: text mostly, but it can be any bytes. Belongs to the decoder. */
  readonly value: Uint8Array;
  /** More than `value` has where it was cut. */
  readonly valueLength: number;
}

/** A field whose name is unknown, because it is packed in a way that nobody here can unpack. */
export interface PackedField {
  readonly packed: Compression;
  readonly packedLength: number;
}

export type DecodeField<Field> = (field: RawField | PackedField) => Field;

/** A value is cut after this many bytes. journald takes 48 KiB from a line of output, 768 MiB otherwise. */
const MAX_VALUE_BYTES = 64 * 1024;
/** Names have at most 64 characters. */
const MAX_NAME_BYTES = 64;
const MAX_PAYLOAD = MAX_NAME_BYTES + 1 + MAX_VALUE_BYTES;
/** Packed data is read whole, for what it starts with can be known only from there. */
const MAX_PACKED = 4 * 1024 * 1024;

/** journald takes no more (DATA_SIZE_MAX); a size above it was never one. */
const MAX_FIELD_BYTES = 768 * 1024 * 1024;

const EQUALS = 0x3d;
/** Long values are those that entries do not share. */
const MAX_KEPT_BYTES = 256;
const KEPT_OF_A_GENERATION = 2_048;

const compressionOf = (flags: number): Compression | 'unknown' | undefined => {
  switch (flags & 0xff) {
    case 0:
      return undefined;
    case 1:
      return 'xz';
    case 2:
      return 'lz4';
    case 4:
      return 'zstd';
    default:
      return 'unknown';
  }
};

const split = (payload: Uint8Array, length: number): RawField | undefined => {
  const end = payload.indexOf(EQUALS);
  if (end < 1 || end > MAX_NAME_BYTES) return undefined;
  let name = '';
  for (let at = 0; at < end; at += 1) name += String.fromCharCode(payload[at] ?? 0);
  const value = payload.slice(end + 1, end + 1 + MAX_VALUE_BYTES);
  return { name, value, valueLength: Math.max(length - end - 1, value.length) };
};

interface Dependencies<Field> {
  readonly blocks: BlockCache;
  readonly compact: boolean;
  readonly decompress: Decompress;
  readonly decodeField: DecodeField<Field>;
}

export const makeFieldReader = <Field>(
  dependencies: Dependencies<Field>,
): ((offset: number) => Field | undefined) => {
  const { blocks, decompress, decodeField } = dependencies;
  const payloadAt = dependencies.compact ? 72 : 64;
  let young = new Map<number, Field>();
  let old = new Map<number, Field>();

  const keep = (offset: number, field: Field): void => {
    if (young.size >= KEPT_OF_A_GENERATION) {
      old = young;
      young = new Map();
    }
    young.set(offset, field);
  };

  const unpack = (
    compression: Compression,
    offset: number,
    length: number,
  ): RawField | PackedField | undefined => {
    const packed = length <= MAX_PACKED ? blocks.read(offset, length) : undefined;
    const unpacked = packed && decompress(compression, packed, MAX_PAYLOAD);
    if (unpacked === undefined || unpacked.length > MAX_FIELD_BYTES) {
      return { packed: compression, packedLength: length };
    }
    return split(unpacked.bytes, unpacked.length);
  };

  const read = (offset: number): Field | undefined => {
    const head = readObjectHead(blocks, offset, DATA_OBJECT);
    if (head === undefined || head.size <= payloadAt) return undefined;
    const length = head.size - payloadAt;
    if (length > MAX_FIELD_BYTES) return undefined;
    const compression = compressionOf(head.flags);
    if (compression === 'unknown') return undefined;
    const at = offset + payloadAt;
    if (compression !== undefined) {
      const unpacked = unpack(compression, at, length);
      return unpacked === undefined ? undefined : decodeField(unpacked);
    }
    const payload = blocks.read(at, Math.min(length, MAX_PAYLOAD));
    const raw = payload && split(payload, length);
    if (raw === undefined) return undefined;
    const field = decodeField(raw);
    if (length <= MAX_KEPT_BYTES) keep(offset, field);
    return field;
  };

  return (offset) => {
    const kept = young.get(offset);
    if (kept !== undefined) return kept;
    const aged = old.get(offset);
    if (aged === undefined) return read(offset);
    keep(offset, aged);
    return aged;
  };
};
