/** A new program beside the old one: downloaded, what it should be, on the disk, and tried. */
import type { ManagerPlace } from '../enroll/manager-place.ts';
import { encodeHex } from '../hex.ts';
import type { Outcome, Platform } from '../platform/platform.ts';
import { download } from './download.ts';
import { withFolder, type ProgramPlace } from './own-program.ts';
import { stage } from './replace-program.ts';
import { stagedName } from './trial-record.ts';
import { tryOut } from './try-out.ts';
import type { Release } from './update-order.ts';

export interface FetchingProgram {
  /** The code of a failure is what the manager is told. */
  readonly done: Promise<Outcome<undefined>>;
  cancel(): void;
}

export interface WantedProgram {
  readonly manager: ManagerPlace;
  readonly program: ProgramPlace;
  /** What stands before the file when it is started. */
  readonly starter: readonly string[];
  readonly release: Release;
}

const failed = (code: string, message: string): Outcome<never> => ({
  ok: false,
  error: { code, message },
});

const argvOf = (
  [interpreter, ...flags]: readonly string[],
  file: string,
): readonly [string, ...string[]] =>
  interpreter === undefined ? [file, '--version'] : [interpreter, ...flags, file, '--version'];

export const fetchProgram = (
  platform: Platform,
  { manager, program, starter, release }: WantedProgram,
): FetchingProgram => {
  const path = `/download/${release.artefact}`;
  const downloading = download(platform, manager, { path, bytes: release.bytes });

  const run = async (): Promise<Outcome<undefined>> => {
    const got = await downloading.done;
    if (!got.ok) return failed('download', `${path}: ${got.error.message}`);
    const found = encodeHex(platform.crypto.sha256(got.value));
    if (found !== release.sha256) {
      return failed('wrong_hash', `what ${path} sends has the SHA-256 ${found}`);
    }
    const staged = withFolder(platform.files, program, (folder) =>
      stage(platform, folder, program.name, got.value),
    );
    if (!staged.ok) return failed('cannot_write', `${program.folder}: ${staged.error.message}`);
    const file = `${program.folder}/${stagedName(program.name)}`.replace('//', '/');
    return tryOut(platform, argvOf(starter, file), release.version);
  };

  return { done: run(), cancel: () => downloading.cancel() };
};
