/**
 * A script is put into a file that only its user can read, and removed after it. As an argument it
 * would stand in the list of processes for everybody, and be limited to 128 KiB.
 */
import type { Files, Folder, Outcome, Platform } from '../platform/platform.ts';
import { encodeBase64Url } from '../auth/base64url.ts';

export interface ScriptFile {
  readonly path: string;
  remove(): void;
}

/** The second for an agent that is not root. */
const PLACES = ['/run', '/tmp'] as const;
const FOLDER_NAME = 'guest-agent';
const RANDOM_BYTES = 15;

const openPlace = (files: Files, place: string): Outcome<{ folder: Folder; path: string }> => {
  const parent = files.openFolder(place);
  if (!parent.ok) return parent;
  if (place === '/tmp') return { ok: true, value: { folder: parent.value, path: place } };
  const made = parent.value.makeFolder(FOLDER_NAME, 0o711);
  const isThere = made.ok || made.error.code === 'EEXIST';
  const folder = isThere ? parent.value.enter(FOLDER_NAME) : made;
  parent.value.close();
  if (!folder.ok) return folder;
  return { ok: true, value: { folder: folder.value, path: `${place}/${FOLDER_NAME}` } };
};

const writeInto = (
  folder: Folder,
  name: string,
  bytes: Uint8Array,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Outcome<undefined> => {
  const created = folder.create(name, 0o700);
  if (!created.ok) return created;
  const file = created.value;
  const written = file.write(bytes);
  const owned = written.ok && owner !== undefined ? file.setOwner(owner.uid, owner.gid) : written;
  file.close();
  if (!owned.ok) folder.remove(name);
  return owned;
};

export const writeScript = (
  { files, crypto, text }: Pick<Platform, 'files' | 'crypto' | 'text'>,
  script: string,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Outcome<ScriptFile> => {
  const name = `script-${encodeBase64Url(crypto.random(RANDOM_BYTES))}`;
  const bytes = text.encodeUtf8(script);
  let problem: Outcome<ScriptFile> | undefined;
  for (const place of PLACES) {
    const opened = openPlace(files, place);
    if (!opened.ok) {
      problem = opened;
      continue;
    }
    const { folder, path } = opened.value;
    const written = writeInto(folder, name, bytes, owner);
    if (written.ok) {
      return {
        ok: true,
        value: {
          path: `${path}/${name}`,
          remove: () => {
            folder.remove(name);
            folder.close();
          },
        },
      };
    }
    folder.close();
    problem = written;
  }
  return problem ?? { ok: false, error: { code: 'ENOENT', message: 'no place for a script' } };
};

const SHEBANG = /^#! *(\S+)(?:[ \t]+([^\n]*\S))?[ \t]*(?:\r?\n|$)/u;

/** What runs the script: as asked, as its first line says, or the shell. */
export const interpreterOf = (
  script: string,
  asked: string | undefined,
): readonly [string, ...string[]] => {
  const [program, ...options] = (asked ?? '').split(' ').filter((word) => word !== '');
  if (program !== undefined) return [program, ...options];
  const [, interpreter, option] = SHEBANG.exec(script) ?? [];
  if (interpreter === undefined) return ['/bin/sh'];
  return option === undefined ? [interpreter] : [interpreter, option];
};
