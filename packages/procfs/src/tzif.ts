/**
 * A compiled time zone, such as /etc/localtime: the abbreviations it uses and the offset of each.
 * RFC 9636 (TZif).
 *
 * Only the types are read, not when they apply: whoever knows the offset of a moment finds its
 * abbreviation here. Two abbreviations may share an offset (a zone that changed its name); the later
 * one in the file is the one in use.
 */

import { emptyInput, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

const SOURCE = 'tzif';
const HEADER_BYTES = 44;
const COUNTS_AT = 20;
const MAGIC = [0x54, 0x5a, 0x69, 0x66];
const TYPE_BYTES = 6;
const MAX_ABBREVIATION = 16;
/** A byte chooses the type of a time, so there cannot be more. */
const MAX_TYPES = 256;

interface Counts {
  readonly utc: number;
  readonly standard: number;
  readonly leap: number;
  readonly times: number;
  readonly types: number;
  readonly characters: number;
}

export type ZoneAbbreviations = ReadonlyMap<number, string>;

/** Offset in seconds east of UTC → abbreviation. */
export function parseZoneAbbreviations(bytes: Uint8Array): Parsed<ZoneAbbreviations> {
  if (bytes.length === 0) return emptyInput(SOURCE);
  const first = readCounts(bytes, 0);
  if (first === undefined) return malformedInput(SOURCE, 'there is no TZif header');
  // Version 1 data comes first with 32-bit times, and is empty in slim files. What counts follows it.
  const secondAt = HEADER_BYTES + blockBytes(first, 4);
  const second = readCounts(bytes, secondAt);
  const abbreviations =
    second === undefined
      ? readAbbreviations(bytes, HEADER_BYTES + first.times * 5, first)
      : readAbbreviations(bytes, secondAt + HEADER_BYTES + second.times * 9, second);
  return abbreviations === undefined
    ? malformedInput(SOURCE, 'it ends early')
    : parsed(abbreviations);
}

function readCounts(bytes: Uint8Array, at: number): Counts | undefined {
  if (bytes.length < at + HEADER_BYTES) return undefined;
  if (MAGIC.some((byte, index) => bytes[at + index] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at + COUNTS_AT, 24);
  return {
    utc: view.getUint32(0),
    standard: view.getUint32(4),
    leap: view.getUint32(8),
    times: view.getUint32(12),
    types: view.getUint32(16),
    characters: view.getUint32(20),
  };
}

function blockBytes(counts: Counts, timeBytes: number): number {
  const { utc, standard, leap, times, types, characters } = counts;
  return (
    times * (timeBytes + 1) +
    types * TYPE_BYTES +
    characters +
    leap * (timeBytes + 4) +
    standard +
    utc
  );
}

function readAbbreviations(
  bytes: Uint8Array,
  typesAt: number,
  { types, characters }: Counts,
): ZoneAbbreviations | undefined {
  const textAt = typesAt + types * TYPE_BYTES;
  if (types > MAX_TYPES || bytes.length < textAt + characters) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const abbreviations = new Map<number, string>();
  for (let type = 0; type < types; type += 1) {
    const at = typesAt + type * TYPE_BYTES;
    const name = readName(bytes, textAt + view.getUint8(at + 5), textAt + characters);
    if (name !== '') abbreviations.set(view.getInt32(at), name);
  }
  return abbreviations;
}

function readName(bytes: Uint8Array, from: number, end: number): string {
  let name = '';
  for (let at = from; at < end && name.length < MAX_ABBREVIATION; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) break;
    name += String.fromCharCode(byte);
  }
  return /^[\w+-]+$/u.test(name) ? name : '';
}
