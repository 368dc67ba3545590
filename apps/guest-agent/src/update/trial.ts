/**
 * The trial of a new version. Each start is counted before anything else happens; what starts for the
 * fourth time without having been confirmed puts the old program back, and so does what finds that
 * its settings are wrong, or that nobody confirms it in time.
 */
import type { Done, Folder, Platform } from '../platform/platform.ts';
import { placeOf, withFolder, type OwnProgram } from './own-program.ts';
import {
  loadRecord,
  previousName,
  removeRecord,
  saveRecord,
  type TrialRecord,
} from './trial-record.ts';

const MAX_STARTS = 3;
const MAX_MESSAGE = 500;

export type TrialPlatform = Pick<Platform, 'files' | 'crypto' | 'text' | 'machine'>;

/** `ended`: the old program is in its place again, and this one has nothing more to do. */
export type TrialStart =
  | { readonly kind: 'none' }
  | { readonly kind: 'trial' | 'returned'; readonly record: TrialRecord }
  | { readonly kind: 'ended'; readonly why: string };

const returned = (record: TrialRecord, code: string, message: string): TrialRecord => ({
  ...record,
  state: 'returned',
  problem: { code, message: message.slice(0, MAX_MESSAGE) },
});

/** The name first: whatever becomes of the record, the old program is what starts next. */
const putBackIn = (
  platform: TrialPlatform,
  folder: Folder,
  name: string,
  record: TrialRecord,
): Done => {
  const renamed = folder.rename(previousName(name), name);
  if (!renamed.ok) return renamed;
  folder.sync();
  if (!saveRecord(platform, folder, name, record).ok) removeRecord(folder, name);
  return { ok: true, value: undefined };
};

/** Fails where there is no old program any more: then this one goes on. */
export const putBack = (
  platform: TrialPlatform,
  file: string,
  record: TrialRecord,
  { code, message }: { readonly code: string; readonly message: string },
): Done => {
  const place = placeOf(file);
  return withFolder(platform.files, place, (folder) =>
    putBackIn(platform, folder, place.name, returned(record, code, message)),
  );
};

const countStart = (
  platform: TrialPlatform,
  folder: Folder,
  name: string,
  before: TrialRecord,
): TrialStart => {
  const record = { ...before, starts: before.starts + 1 };
  const saved = saveRecord(platform, folder, name, record);
  if (saved.ok && record.starts <= MAX_STARTS) return { kind: 'trial', record };
  // What cannot be counted could crash for ever.
  const message = saved.ok
    ? `it started ${MAX_STARTS} times and did not stay until it was confirmed`
    : `its starts cannot be counted: ${saved.error.message}`;
  const code = saved.ok ? 'did_not_stay' : 'cannot_count';
  const back = putBackIn(platform, folder, name, returned(record, code, message));
  if (back.ok) return { kind: 'ended', why: message };
  removeRecord(folder, name);
  return { kind: 'none' };
};

const lookAt = (
  platform: TrialPlatform,
  folder: Folder,
  name: string,
  version: string,
): TrialStart => {
  const record = loadRecord(folder, name, platform.text);
  if (record === undefined) return { kind: 'none' };
  if (record.state === 'trial' && record.version === version) {
    return countStart(platform, folder, name, record);
  }
  if (record.from !== version) {
    // Somebody else has put another program here.
    removeRecord(folder, name);
    return { kind: 'none' };
  }
  if (record.state === 'returned') return { kind: 'returned', record };
  const why = 'the machine or the agent ended before the new version was in its place';
  const interrupted = returned(record, 'interrupted', why);
  saveRecord(platform, folder, name, interrupted);
  return { kind: 'returned', record: interrupted };
};

/** Before anything else at a start. */
export const startTrial = (
  platform: TrialPlatform,
  { file }: Pick<OwnProgram, 'file'>,
  version: string,
): TrialStart => {
  if (file === undefined) return { kind: 'none' };
  const place = placeOf(file);
  const outcome = withFolder(platform.files, place, (folder) => ({
    ok: true,
    value: lookAt(platform, folder, place.name, version),
  }));
  return outcome.ok ? outcome.value : { kind: 'none' };
};
