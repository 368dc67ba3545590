/**
 * The new program takes the old one's place: both whole on the disk before, and one rename for the
 * change, so that whatever happens in between, there is a program that starts.
 */
import { writeFile } from '../files/write-file.ts';
import type { Done, FileFacts, Files, Folder, Outcome, Platform } from '../platform/platform.ts';
import { readProgram, type ProgramPlace } from './own-program.ts';
import {
  asDone,
  previousName,
  removeRecord,
  saveRecord,
  stagedName,
  type TrialRecord,
} from './trial-record.ts';

type Writing = Pick<Platform, 'crypto' | 'text' | 'machine'>;

const PROBE = '.guest-agent-may-write';
const PROBE_MODE = 0o600;

const failed = (code: string, message: string): Outcome<never> => ({
  ok: false,
  error: { code, message },
});

/** Whether this process could replace the program, tried and not guessed: mounts and units decide it too. */
export const mayReplace = (folder: Folder, name: string): Outcome<FileFacts> => {
  const facts = folder.facts(name);
  if (!facts.ok) return facts;
  if (facts.value.kind !== 'file') return failed('EINVAL', 'the program is no regular file');
  const probe = folder.create(PROBE, PROBE_MODE);
  // Left by one that ended here; it could be made then.
  if (!probe.ok && probe.error.code !== 'EEXIST') return probe;
  if (probe.ok) probe.value.close();
  const removed = folder.remove(PROBE);
  return removed.ok ? facts : removed;
};

export const stage = (
  { crypto, machine }: Writing,
  folder: Folder,
  name: string,
  bytes: Uint8Array,
): Done => {
  const facts = folder.facts(name);
  if (!facts.ok) return facts;
  const place = { folder, name: stagedName(name) };
  const { mode } = facts.value;
  return asDone(writeFile({ crypto, ownUid: machine.uid }, place, bytes, mode & 0o777));
};

export const unstage = (files: Pick<Files, 'openFolder'>, { folder, name }: ProgramPlace): void => {
  const opened = files.openFolder(folder);
  if (!opened.ok) return;
  opened.value.remove(stagedName(name));
  opened.value.close();
};

const keepPrevious = ({ crypto, machine }: Writing, folder: Folder, name: string): Done => {
  const facts = folder.facts(name);
  if (!facts.ok) return facts;
  const bytes = readProgram(folder, name);
  if (!bytes.ok) return bytes;
  const place = { folder, name: previousName(name) };
  const { mode } = facts.value;
  return asDone(writeFile({ crypto, ownUid: machine.uid }, place, bytes.value, mode & 0o777));
};

/** The record before the rename: a new program without one would be on trial for nobody. */
export const swap = (writing: Writing, folder: Folder, name: string, record: TrialRecord): Done => {
  const kept = keepPrevious(writing, folder, name);
  if (!kept.ok) return kept;
  const saved = saveRecord(writing, folder, name, record);
  if (!saved.ok) return saved;
  const renamed = folder.rename(stagedName(name), name);
  if (!renamed.ok) {
    removeRecord(folder, name);
    return renamed;
  }
  return folder.sync();
};
