/**
 * Finds the machine's journal files, as sd-journal does: below each folder, those of this machine's
 * id; `system.journal`, `user-1000.journal`, archived ones with an `@`, and those that journald found
 * damaged, with a `~`. What is archived does not change, so its header is read once.
 */
import type { JournalHeader, JournalProblem } from '@innkeeper/journal';
import type { Files } from '../platform/platform.ts';
import type { OpenJournal } from './open-journal.ts';

export interface JournalMember {
  readonly path: string;
  readonly header: JournalHeader;
}

export interface JournalScan {
  readonly members: readonly JournalMember[];
  /** Files that are there and cannot be read. */
  readonly problems: readonly (JournalProblem & { readonly path: string })[];
  /** A folder that is there and may not be listed. */
  readonly forbidden: string | undefined;
}

const NAME = /^[^/]+\.journal~?$/u;
/** journald keeps 100 archived files of each kind at most. */
const MAX_FILES = 2_000;
const MACHINE_ID = /^[\da-f]{32}$/u;

/** `system@<id>-<number of the first entry>-<its time>.journal`, both in hexadecimal of one length. */
const headOf = (name: string): string => name.slice(name.lastIndexOf('-') + 1);
const byHead = (left: string, right: string): number => (headOf(left) < headOf(right) ? 1 : -1);

/** Of too many: those that are written, then the newest as far as their names tell. */
const chooseNames = (names: readonly string[]): readonly string[] => {
  const own = names.filter((name) => NAME.test(name));
  if (own.length <= MAX_FILES) return own;
  const written = own.filter((name) => !name.includes('@'));
  const archived = own.filter((name) => name.includes('@')).sort(byHead);
  return [...written, ...archived].slice(0, MAX_FILES);
};

export const makeJournalScan = (
  files: Files,
  folders: readonly string[],
  openJournal: OpenJournal,
): (() => JournalScan) => {
  let archived = new Map<string, JournalMember>();

  const foldersToLook = (): readonly string[] => {
    const read = files.readText('/etc/machine-id', { maxBytes: 64 });
    const id = read.ok ? read.value.trim() : '';
    return folders.map((folder) => {
      const own = `${folder}/${id}`;
      return MACHINE_ID.test(id) && files.exists(own) ? own : folder;
    });
  };

  return () => {
    const members = new Map<string, JournalMember>();
    const problems: (JournalProblem & { readonly path: string })[] = [];
    const stillThere = new Map<string, JournalMember>();
    let forbidden: string | undefined;

    const look = (path: string): void => {
      const known = archived.get(path);
      const opened = known === undefined ? openJournal(path) : undefined;
      if (opened?.ok === false) {
        if (opened.problem !== undefined) problems.push({ ...opened.problem, path });
        else if (opened.code === 'EACCES') forbidden = path;
        return;
      }
      const member = known ?? { path, header: opened?.held.file.header() };
      opened?.held.close();
      if (member.header === undefined) return;
      const found: JournalMember = { path, header: member.header };
      if (found.header.archived) stillThere.set(path, found);
      // While it is renamed a file can be met under both names.
      if (!members.has(found.header.fileId)) members.set(found.header.fileId, found);
    };

    for (const folder of foldersToLook()) {
      const names = files.list(folder);
      if (names.ok) {
        for (const name of chooseNames(names.value)) look(`${folder}/${name}`);
      } else if (names.error.code === 'EACCES') forbidden = folder;
    }
    archived = stillThere;
    return { members: [...members.values()], problems, forbidden };
  };
};
