/**
 * Marks on the guest's own disk: what has been begun here under which key. They outlive the agent, the
 * manager and its database, so that a script for the first boot alone is not run again by a manager
 * that was restored from an older backup.
 */
import { readFile } from '../files/read-file.ts';
import { enterOrMake, openStateFolder } from '../files/state-folder.ts';
import { writeFile } from '../files/write-file.ts';
import { parseJsonBody } from '../http/json-body.ts';
import type { Refusal } from '../http/message.ts';
import type { Folder, Outcome, Platform } from '../platform/platform.ts';

/** What a request says: run it unless the key is known; with `again`, also then. */
export interface Once {
  readonly key: string;
  readonly again: boolean;
}

export type Claimed =
  | {
      readonly ok: true;
      /** It could not be started after all. */
      readonly undo: () => void;
      readonly ended: (exitCode: number | null) => void;
    }
  | { readonly ok: false; readonly refusal: Refusal };

export interface OnceMarks {
  /** On the disk when this returns. */
  claim(once: Once, executionId: string): Claimed;
}

const FOLDER_NAME = 'provisioned';
const MODE = 0o600;
const MAX_MARK_BYTES = 4096;

const refuse = (
  status: number,
  code: string,
  message: string,
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: { status, code, message },
});

const openMarks = ({ files }: Pick<Platform, 'files'>, stateDir: string): Outcome<Folder> => {
  const state = openStateFolder(files, stateDir);
  if (!state.ok) return state;
  const marks = enterOrMake(state.value, FOLDER_NAME);
  state.value.close();
  return marks;
};

export const makeOnceMarks = (
  platform: Pick<Platform, 'files' | 'crypto' | 'text' | 'machine' | 'clock'>,
  stateDir: string,
): OnceMarks => {
  const { crypto, text, machine, clock } = platform;

  /** Undefined: what is there does not tell that it has ended. */
  const exitCodeIn = (folder: Folder, name: string): number | undefined => {
    const read = readFile({ folder, name }, undefined, MAX_MARK_BYTES);
    if (!read.ok) return undefined;
    const parsed = parseJsonBody(read.value.bytes, text);
    const exitCode = parsed.ok ? parsed.value['exit_code'] : undefined;
    return typeof exitCode === 'number' ? exitCode : undefined;
  };

  const knownAs = (key: string, exitCode: number | undefined): Claimed => {
    const what = `${JSON.stringify(key)} was begun on this machine before`;
    if (exitCode === 0) return refuse(409, 'already_done', `${what}, and ended well`);
    const end = exitCode === undefined ? 'how it ended is not known' : `ended with ${exitCode}`;
    return refuse(409, 'already_begun', `${what}, and ${end}`);
  };

  const unwritable = (message: string): Claimed =>
    refuse(
      503,
      'no_state',
      `what has run cannot be noted in ${stateDir} (setting state_dir): ${message}`,
    );

  const place = (folder: Folder, key: string, content: Readonly<Record<string, unknown>>) =>
    writeFile(
      { crypto, ownUid: machine.uid },
      { folder, name: key },
      text.encodeUtf8(`${JSON.stringify(content)}\n`),
      MODE,
    );

  return {
    claim: ({ key, again }, executionId) => {
      const opened = openMarks(platform, stateDir);
      if (!opened.ok) return unwritable(opened.error.message);
      const folder = opened.value;
      const isThere = folder.facts(key).ok;
      if (isThere && !again) {
        const exitCode = exitCodeIn(folder, key);
        folder.close();
        return knownAs(key, exitCode);
      }
      const mark = { execution_id: executionId, begun_at: clock.nowMs(), exit_code: null };
      const placed = place(folder, key, mark);
      folder.close();
      if (!placed.ok) return unwritable(placed.refusal.message);
      const withFolder = (act: (marks: Folder) => void): void => {
        const marks = openMarks(platform, stateDir);
        if (!marks.ok) return;
        act(marks.value);
        marks.value.close();
      };
      return {
        ok: true,
        undo: () => withFolder((marks) => marks.remove(key)),
        ended: (exitCode) =>
          withFolder((marks) => place(marks, key, { ...mark, exit_code: exitCode })),
      };
    },
  };
};
