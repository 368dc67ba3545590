/** Journal files on a disk, as journald leaves them there, and a source that reads them. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildJournal, type BuiltEntry, type JournalToBuild } from '@innkeeper/journal/testing';
import { makeJournalSource, type JournalSource } from '../journal/journal-source.ts';
import { nodePlatform } from '../platform/node/platform.ts';
import type { ByteFile, Files } from '../platform/platform.ts';
import { makeFakeClock, START_MS, type FakeClock } from './fake-clock.ts';

export interface JournalFolder {
  readonly source: JournalSource;
  readonly clock: FakeClock;
  path(name: string): string;
  /** Writes the file, or adds to it what it does not have yet. */
  write(name: string, journal: JournalToBuild): void;
  /** Files of journals that are open now, and that were at most. */
  open(): number;
  mostOpen(): number;
  /** How often a file of that name was opened. */
  opened(name: string): number;
  /** How often a file of that name was read, anywhere. */
  reads(name: string): number;
  /** So many that would be opened are refused, as where there are too many, `after` so many others. */
  refuse(count: number, after?: number): void;
  remove(): void;
}

/** Entries in a row, a millisecond apart; `shift` is what their numbers are ahead of that. */
export const entriesOf = (
  count: number,
  { from = 0, shift = 0 }: { readonly from?: number; readonly shift?: number } = {},
): readonly BuiltEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    fields: [['MESSAGE', `line ${from + index}`]],
    seqnum: from + index + shift + 1,
    realtimeUs: START_MS * 1000 + (from + index) * 1000,
    monotonicUs: 1_000_000 + (from + index) * 1000,
  }));

/** One folder for what is kept, and one for what is lost at a restart. */
export const makeJournalFolder = (): JournalFolder => {
  const root = mkdtempSync(join(tmpdir(), 'journal-folder-'));
  for (const name of ['kept', 'run']) mkdirSync(join(root, name));
  const clock = makeFakeClock();
  let open = 0;
  let mostOpen = 0;
  const opened: string[] = [];
  let refused = 0;
  let allowed = 0;

  const reads: string[] = [];

  const counted = (path: string, file: ByteFile): ByteFile => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    return {
      ...file,
      readAt: (offset, length) => {
        reads.push(path);
        return file.readAt(offset, length);
      },
      close: () => {
        open -= 1;
        file.close();
      },
    };
  };

  const openBytes = (path: string): ReturnType<Files['openBytes']> => {
    if (allowed > 0) allowed -= 1;
    else if (refused > 0) {
      refused -= 1;
      return { ok: false, error: { code: 'EMFILE', message: 'EMFILE: too many open files' } };
    }
    opened.push(path);
    const outcome = nodePlatform.files.openBytes(path);
    return outcome.ok ? { ok: true, value: counted(path, outcome.value) } : outcome;
  };

  return {
    clock,
    source: makeJournalSource(
      { ...nodePlatform, clock, files: { ...nodePlatform.files, openBytes } },
      [join(root, 'kept'), join(root, 'run')],
    ),
    path: (name) => join(root, name),
    write: (name, journal) => {
      const path = join(root, name);
      mkdirSync(dirname(path), { recursive: true });
      const descriptor = openSync(path, existsSync(path) ? 'r+' : 'w');
      writeSync(descriptor, buildJournal(journal));
      closeSync(descriptor);
    },
    open: () => open,
    mostOpen: () => mostOpen,
    opened: (name) => opened.filter((path) => path.endsWith(`/${name}`)).length,
    reads: (name) => reads.filter((path) => path.endsWith(`/${name}`)).length,
    refuse: (count, after = 0) => {
      refused = count;
      allowed = after;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
};
