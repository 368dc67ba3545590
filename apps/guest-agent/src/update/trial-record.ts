/**
 * What is known of an update across restarts: `guest-agent.update` beside the program, so that it is
 * found before any setting is read. It is there from the swap until somebody has confirmed the new
 * version; after a return it stays, to say why.
 */
import { isRecord } from '../http/json-body.ts';
import { writeFile } from '../files/write-file.ts';
import type { Done, Folder, Outcome, Platform } from '../platform/platform.ts';

export interface TrialRecord {
  readonly id: string;
  readonly state: 'trial' | 'returned';
  readonly version: string;
  /** What was there before, and is put back. */
  readonly from: string;
  /** Of the new version, each noted before it does anything else. */
  readonly starts: number;
  readonly trialSeconds: number;
  /** Why it was put back. */
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}

const MAX_BYTES = 4096;
const MODE = 0o600;

const recordName = (program: string): string => `${program}.update`;
export const previousName = (program: string): string => `${program}.previous`;
/** With the program's own ending: Node tells modules by it. */
export const stagedName = (program: string): string => `.new.${program}`;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const parseProblem = (value: unknown): TrialRecord['problem'] => {
  if (!isRecord(value)) return undefined;
  const { code, message } = value;
  return isText(code) && isText(message) ? { code, message } : undefined;
};

export const parseRecord = (text: string): TrialRecord | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(document)) return undefined;
  const { id, state, version, from, starts, trial_seconds: trialSeconds } = document;
  if (!isText(id) || !isText(version) || !isText(from)) return undefined;
  if (state !== 'trial' && state !== 'returned') return undefined;
  if (!isCount(starts) || !isCount(trialSeconds)) return undefined;
  const problem = parseProblem(document['problem']);
  return { id, state, version, from, starts, trialSeconds, problem };
};

const recordText = ({ trialSeconds, problem, ...record }: TrialRecord): string =>
  `${JSON.stringify({ ...record, trial_seconds: trialSeconds, problem: problem ?? null })}\n`;

/** Undefined: there is none, or nothing that anybody could read. */
export const loadRecord = (
  folder: Folder,
  program: string,
  text: Pick<Platform['text'], 'decodeUtf8'>,
): TrialRecord | undefined => {
  const opened = folder.open(recordName(program));
  if (!opened.ok) return undefined;
  const bytes = opened.value.readAt(0, MAX_BYTES);
  opened.value.close();
  return bytes.ok ? parseRecord(text.decodeUtf8(bytes.value)) : undefined;
};

export const asDone = (outcome: ReturnType<typeof writeFile>): Done => {
  if (outcome.ok) return { ok: true, value: undefined };
  const { code, message } = outcome.refusal;
  return { ok: false, error: { code, message } };
};

export const saveRecord = (
  platform: Pick<Platform, 'crypto' | 'text' | 'machine'>,
  folder: Folder,
  program: string,
  record: TrialRecord,
): Done => {
  const { crypto, text, machine } = platform;
  const place = { folder, name: recordName(program) };
  const bytes = text.encodeUtf8(recordText(record));
  return asDone(writeFile({ crypto, ownUid: machine.uid }, place, bytes, MODE));
};

/** What is not there is removed already. */
export const removeRecord = (folder: Folder, program: string): Outcome<undefined> => {
  const removed = folder.remove(recordName(program));
  return !removed.ok && removed.error.code === 'ENOENT' ? { ok: true, value: undefined } : removed;
};
