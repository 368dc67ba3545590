/** The agent's own program: which of the manager's artefacts it is, and the file that a start runs. */
import { encodeHex } from '../hex.ts';
import type { Files, Folder, Outcome, Platform } from '../platform/platform.ts';

export interface OwnProgram {
  /** As the manager calls it. */
  readonly artefact: string;
  /** What a service manager starts again; undefined where that cannot be told. */
  readonly file: string | undefined;
  /** What stands before the file when it is started: Node and its flags, or nothing. */
  readonly starter: readonly string[];
}

/** The folder of a file, and its name in there. */
export interface ProgramPlace {
  readonly folder: string;
  readonly name: string;
}

/** A few times what the largest build has. */
export const MAX_PROGRAM_BYTES = 8 * 1024 * 1024;

export const placeOf = (file: string): ProgramPlace => {
  const slash = file.lastIndexOf('/');
  return { folder: file.slice(0, slash) || '/', name: file.slice(slash + 1) };
};

export const withFolder = <Value>(
  files: Pick<Files, 'openFolder'>,
  place: ProgramPlace,
  use: (folder: Folder) => Outcome<Value>,
): Outcome<Value> => {
  const opened = files.openFolder(place.folder);
  if (!opened.ok) return opened;
  const outcome = use(opened.value);
  opened.value.close();
  return outcome;
};

/** The program as it is in its place now, which after a swap is another one than runs. */
export const readProgram = (folder: Folder, name: string): Outcome<Uint8Array> => {
  const opened = folder.open(name);
  if (!opened.ok) return opened;
  const { facts } = opened.value;
  const bytes =
    facts.sizeBytes > MAX_PROGRAM_BYTES
      ? ({ ok: false, error: { code: 'EFBIG', message: `${name} is no agent` } } as const)
      : opened.value.readAt(0, facts.sizeBytes);
  opened.value.close();
  return bytes;
};

export const hashProgram = (
  { files, crypto }: Pick<Platform, 'files' | 'crypto'>,
  place: ProgramPlace,
): string | undefined => {
  const bytes = withFolder(files, place, (folder) => readProgram(folder, place.name));
  return bytes.ok ? encodeHex(crypto.sha256(bytes.value)) : undefined;
};
