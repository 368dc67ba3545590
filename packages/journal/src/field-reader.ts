/** One field of an entry: https://systemd.io/JOURNAL_FILE_FORMAT/#data-objects. */
import type { BlockCache } from './block-cache.ts';
import { DATA_OBJECT, findObject, objectSize } from './object-head.ts';

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
  /** What follows the name, from `start` to `end`: text mostly, but it can be any bytes. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** More than that where it was cut. */
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

/** "NAME=value", of which `length` bytes are there in all. */
const split = (
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
  decodeLatin1: Dependencies<never>['decodeLatin1'],
): RawField | undefined => {
  const equals = bytes.indexOf(EQUALS, start);
  const nameBytes = equals - start;
  if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES || equals >= end) return undefined;
  const valueStart = equals + 1;
  const valueEnd = Math.min(end, valueStart + MAX_VALUE_BYTES);
  const valueLength = Math.max(length - nameBytes - 1, valueEnd - valueStart);
  return {
    name: decodeLatin1(bytes, start, equals),
    bytes,
    start: valueStart,
    end: valueEnd,
    valueLength,
  };
};

interface Dependencies<Field> {
  readonly blocks: BlockCache;
  readonly compact: boolean;
  readonly decompress: Decompress;
  readonly decodeField: DecodeField<Field>;
  /** One character for each byte. */
  readonly decodeLatin1: (bytes: Uint8Array, start: number, end: number) => string;
}

export interface FieldReader<Field> {
  /** Undefined where it cannot be read. Kept, for others to come. */
  readonly kept: (offset: number) => Field | undefined;
  /** The same of one that was not there before: others may never come. */
  readonly fresh: (offset: number) => Field | undefined;
}

export const makeFieldReader = <Field>(dependencies: Dependencies<Field>): FieldReader<Field> => {
  const { blocks, decompress, decodeField, decodeLatin1 } = dependencies;
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
    const block = length <= MAX_PACKED ? blocks.find(offset, length) : undefined;
    const at = offset - (block?.start ?? 0);
    const packed = block?.bytes.subarray(at, at + length);
    const unpacked = packed && decompress(compression, packed, MAX_PAYLOAD);
    if (unpacked === undefined || unpacked.length > MAX_FIELD_BYTES) {
      return { packed: compression, packedLength: length };
    }
    const { bytes } = unpacked;
    return split(bytes, 0, bytes.length, unpacked.length, decodeLatin1);
  };

  const read = (offset: number, isKept: boolean): Field | undefined => {
    let block = findObject(blocks, offset, DATA_OBJECT);
    if (block === undefined) return undefined;
    const length = objectSize(block, offset) - payloadAt;
    if (length <= 0 || length > MAX_FIELD_BYTES) return undefined;
    const compression = compressionOf(block.bytes[offset - block.start + 1] ?? 0);
    if (compression === 'unknown') return undefined;
    const at = offset + payloadAt;
    if (compression !== undefined) {
      const unpacked = unpack(compression, at, length);
      return unpacked === undefined ? undefined : decodeField(unpacked);
    }
    const shown = Math.min(length, MAX_PAYLOAD);
    if (at - block.start + shown > block.bytes.length) block = blocks.find(at, shown);
    if (block === undefined) return undefined;
    const start = at - block.start;
    const raw = split(block.bytes, start, start + shown, length, decodeLatin1);
    if (raw === undefined) return undefined;
    const field = decodeField(raw);
    if (isKept && length <= MAX_KEPT_BYTES) keep(offset, field);
    return field;
  };

  return {
    fresh: (offset) => read(offset, false),
    kept: (offset) => {
      const found = young.get(offset);
      if (found !== undefined) return found;
      const aged = old.get(offset);
      if (aged === undefined) return read(offset, true);
      keep(offset, aged);
      return aged;
    },
  };
};
