/**
 * Reads a file, whole or a part of it, and never more than the limit: its size is looked at before,
 * and counted while it is read, because files of /proc have none and others grow.
 */
import type { FileFacts, OpenedFile } from '../platform/platform.ts';
import { fileProblem, fileRefusal, type FileOutcome } from './file-problem.ts';
import type { Place } from './place.ts';

/** The bytes from `first` on; `last` is the offset of the last one. */
export type Range =
  | { readonly first: number; readonly last: number | undefined }
  | { readonly lastBytes: number };

export interface ReadBytes {
  readonly bytes: Uint8Array;
  readonly facts: FileFacts;
  /** Undefined: the whole file. */
  readonly part: { readonly first: number; readonly total: number | undefined } | undefined;
}

const STEP_BYTES = 64 * 1024;

/** Into one piece that has the size the file tells, so that it is not there twice. */
const readSpan = (file: OpenedFile, first: number, atMost: number): FileOutcome<Uint8Array> => {
  const told = Math.max(0, file.facts.sizeBytes - first);
  let bytes = new Uint8Array(Math.min(atMost, told));
  let length = 0;
  while (length < atMost) {
    const read = file.readAt(first + length, Math.min(STEP_BYTES, atMost - length));
    if (!read.ok) return fileProblem(read.error);
    if (read.value.length === 0) break;
    const needed = length + read.value.length;
    if (needed > bytes.length) {
      // It grows meanwhile, or is one of /proc, which tell no size.
      const larger = new Uint8Array(Math.min(atMost, needed * 2));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(read.value, length);
    length = needed;
  }
  return { ok: true, value: bytes.subarray(0, length) };
};

const tooLarge = (maxBytes: number): FileOutcome<never> =>
  fileRefusal(
    413,
    'too_large',
    `the file has more than ${maxBytes} bytes (file_max_bytes); ask for parts of it with Range`,
  );

const readWhole = (file: OpenedFile, maxBytes: number): FileOutcome<ReadBytes> => {
  const { facts } = file;
  if (facts.sizeBytes > maxBytes) return tooLarge(maxBytes);
  const read = readSpan(file, 0, maxBytes + 1);
  if (!read.ok) return read;
  if (read.value.length > maxBytes) return tooLarge(maxBytes);
  return { ok: true, value: { bytes: read.value, facts, part: undefined } };
};

const readPart = (file: OpenedFile, range: Range, maxBytes: number): FileOutcome<ReadBytes> => {
  const { facts } = file;
  // A file of /proc says 0 and has something all the same.
  const total = facts.sizeBytes === 0 ? undefined : facts.sizeBytes;
  const first = 'lastBytes' in range ? Math.max(0, facts.sizeBytes - range.lastBytes) : range.first;
  const last = 'lastBytes' in range ? undefined : range.last;
  const wanted = last === undefined ? maxBytes : Math.min(maxBytes, last - first + 1);
  const read = readSpan(file, first, wanted);
  if (!read.ok) return read;
  if (read.value.length === 0) {
    return fileRefusal(416, 'range', `the file has ${facts.sizeBytes} bytes`);
  }
  return { ok: true, value: { bytes: read.value, facts, part: { first, total } } };
};

export const readFile = (
  { folder, name }: { readonly folder: Place['folder']; readonly name: string },
  range: Range | undefined,
  maxBytes: number,
): FileOutcome<ReadBytes> => {
  const opened = folder.open(name);
  if (!opened.ok) return fileProblem(opened.error);
  const file = opened.value;
  const outcome = range === undefined ? readWhole(file, maxBytes) : readPart(file, range, maxBytes);
  file.close();
  return outcome;
};

const RANGE = /^bytes=(?<first>\d{0,15})-(?<last>\d{0,15})$/u;

/** Undefined where there is no range, several, or one that is malformed: then all of it is meant. */
export const parseRange = (header: string | undefined): Range | undefined => {
  const { first = '', last = '' } = RANGE.exec(header ?? '')?.groups ?? {};
  if (first === '') return last === '' ? undefined : { lastBytes: Number(last) };
  if (last === '') return { first: Number(first), last: undefined };
  return Number(last) < Number(first) ? undefined : { first: Number(first), last: Number(last) };
};
