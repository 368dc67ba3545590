/**
 * Writes a file whole or not at all: beside its place under another name, to the disk, and then over
 * it in one step. Who reads it meanwhile has the old one or the new one, and so has a machine that
 * loses its power.
 */
import { encodeBase64Url } from '../auth/base64url.ts';
import type { Crypto, Done, FileFacts, Folder, NewFile } from '../platform/platform.ts';
import { fileProblem, fileRefusal, type FileOutcome } from './file-problem.ts';

export interface WrittenFile {
  readonly mode: number;
  readonly created: boolean;
}

const NEW_MODE = 0o644;
const RANDOM_BYTES = 12;

/** What takes a file's place keeps its owner. */
const fill = (
  file: NewFile,
  bytes: Uint8Array,
  mode: number,
  owner: FileFacts | undefined,
  ownUid: number,
): Done => {
  const written = file.write(bytes);
  if (!written.ok) return written;
  if (owner !== undefined && (owner.uid !== ownUid || ownUid === 0)) {
    const owned = file.setOwner(owner.uid, owner.gid);
    if (!owned.ok) return owned;
  }
  // After the owner: changing that takes bits of the mode away.
  const permitted = file.setMode(mode);
  return permitted.ok ? file.sync() : permitted;
};

const factsOf = (folder: Folder, name: string): FileOutcome<FileFacts | undefined> => {
  const facts = folder.facts(name);
  if (facts.ok) {
    const { kind } = facts.value;
    if (kind === 'file') return facts;
    if (kind === 'link') return fileProblem({ code: 'ELOOP', message: '' });
    return fileRefusal(422, 'invalid', `this is no regular file but a ${kind}`);
  }
  return facts.error.code === 'ENOENT' ? { ok: true, value: undefined } : fileProblem(facts.error);
};

export const writeFile = (
  { crypto, ownUid }: { readonly crypto: Pick<Crypto, 'random'>; readonly ownUid: number },
  { folder, name }: { readonly folder: Folder; readonly name: string },
  bytes: Uint8Array,
  askedMode: number | undefined,
): FileOutcome<WrittenFile> => {
  const there = factsOf(folder, name);
  if (!there.ok) return there;
  const existing = there.value;
  const mode = askedMode ?? (existing === undefined ? NEW_MODE : existing.mode & 0o777);
  const temporary = `.guest-agent-${encodeBase64Url(crypto.random(RANDOM_BYTES))}`;
  const created = folder.create(temporary, 0o600);
  if (!created.ok) return fileProblem(created.error);
  const filled = fill(created.value, bytes, mode, existing, ownUid);
  created.value.close();
  const placed = filled.ok ? folder.rename(temporary, name) : filled;
  if (!placed.ok) {
    folder.remove(temporary);
    return fileProblem(placed.error);
  }
  const kept = folder.sync();
  if (!kept.ok) return fileProblem(kept.error);
  return { ok: true, value: { mode, created: existing === undefined } };
};
