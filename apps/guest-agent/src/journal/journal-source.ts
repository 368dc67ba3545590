/** The journal as a source of log lines: its files, or journalctl where they cannot be read. */
import { parseCursor } from '@innkeeper/journal';
import type { LogSource } from '../logs/log-source.ts';
import type { Platform } from '../platform/platform.ts';
import { makeJournalFollower } from './journal-follower.ts';
import { makeJournalScan } from './journal-folders.ts';
import { makeJournalReader } from './journal-reader.ts';
import { openJournalctl } from './journalctl-reader.ts';
import { makeOpenJournal } from './open-journal.ts';

export interface JournalSource extends LogSource {
  /** Whether this machine has a journal, readable or not. */
  exists(): boolean;
}

export const makeJournalSource = (
  platform: Platform,
  folders: readonly string[],
): JournalSource => {
  const { files, clock } = platform;
  const openJournal = makeOpenJournal(platform);
  const scan = makeJournalScan(files, folders, openJournal);
  const follower = makeJournalFollower({ clock, scan, openJournal });
  const reader = { clock, scan, openJournal, follower };
  return {
    exists: () => {
      const { members, problems, forbidden } = scan();
      return members.length > 0 || problems.length > 0 || forbidden !== undefined;
    },
    open: (query, sink) => {
      if (query.after !== undefined && parseCursor(query.after) === undefined) {
        return { ok: false, status: 422, message: 'Last-Event-ID is no cursor of the journal' };
      }
      const { members, problems, forbidden } = scan();
      const isUnreadable = problems.some(({ kind }) => kind === 'unsupported');
      if (isUnreadable || (members.length === 0 && forbidden !== undefined)) {
        return { ok: true, reader: openJournalctl(platform, folders, query, sink) };
      }
      if (members.length === 0) {
        const message = `no journal in ${folders.join(' or ')}`;
        return { ok: false, status: 404, message };
      }
      return { ok: true, reader: makeJournalReader(reader, query, sink) };
    },
  };
};
