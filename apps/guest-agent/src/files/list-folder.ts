/** What is in a folder, by name. */
import type { FileEntry, FileList } from '@innkeeper/protocol';
import type { FileFacts, Folder } from '../platform/platform.ts';
import { fileProblem, type FileOutcome } from './file-problem.ts';

const MAX_ENTRIES = 10_000;

export const modeText = (mode: number): string => `0${mode.toString(8).padStart(3, '0')}`;

const entryOf = (name: string, facts: FileFacts): FileEntry => ({
  name,
  kind: facts.kind,
  size_bytes: facts.sizeBytes,
  mode: modeText(facts.mode),
  uid: facts.uid,
  gid: facts.gid,
  modified_at: Math.max(0, facts.modifiedMs),
});

export const listFolder = (folder: Folder, path: string): FileOutcome<FileList> => {
  const names = folder.list();
  if (!names.ok) return fileProblem(names.error);
  const sorted = [...names.value].sort((left, right) => (left < right ? -1 : 1));
  const entries = sorted.slice(0, MAX_ENTRIES).flatMap((name) => {
    const facts = folder.facts(name);
    // What has gone meanwhile is not there.
    return facts.ok ? [entryOf(name, facts.value)] : [];
  });
  return { ok: true, value: { path, entries, more: Math.max(0, sorted.length - MAX_ENTRIES) } };
};
