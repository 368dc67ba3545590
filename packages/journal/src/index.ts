/** Reads systemd's journal files: bytes in, entries out. No I/O, no clock, no imports. */
export { openJournalFile } from './journal-file.ts';
export type { JournalFile } from './journal-file.ts';
export { decompress } from './decompress.ts';
export { formatCursor, parseCursor, type JournalCursor } from './cursor.ts';
export { compareEntries, type EntryPlace } from './entry-order.ts';
export type { EntryContents } from './contents-reader.ts';
export type { JournalEntry } from './entry-reader.ts';
export type { PackedField, RawField } from './field-reader.ts';
export type { JournalHeader } from './header.ts';
export type { JournalProblem } from './problem.ts';
