/**
 * `GET /provision`: the scripts that wait in the guest's own folder, which cloud-init may have put
 * there. The agent only lists them, in their order; running them is the manager's, through `/exec`,
 * so that there is one place that knows which have run.
 */
import type { ProvisionList, ProvisionScript } from '@innkeeper/protocol';
import { readFile } from '../files/read-file.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import type { FileFacts, Folder, Outcome, Platform } from '../platform/platform.ts';
import { encodeHex } from '../hex.ts';
import type { Route } from './route.ts';

/** As run-parts(8) takes them: no backups, no hidden files. */
const NAME = /^[\w][\w.-]{0,127}$/u;
const BACKUP = /(?:~|\.bak|\.orig|\.rej|\.dpkg-\w+)$/u;
const EVERY_BOOT = /\.every-boot(?:\.|$)/u;
const MAX_SCRIPTS = 64;
/** As long as `/exec` takes one. */
const MAX_SCRIPT_BYTES = 256 * 1024;
const ROOT = 0;
const GROUP_OR_OTHERS_WRITE = 0o022;

/** Who may write it decides what runs as the agent's user. */
const distrust = (
  what: string,
  { uid, mode }: Pick<FileFacts, 'uid' | 'mode'>,
  ownUid: number,
): string | undefined => {
  if (uid !== ROOT && uid !== ownUid) return `${what} belongs to the user ${uid} and not to root`;
  const isOpen = (mode & GROUP_OR_OTHERS_WRITE) !== 0;
  return isOpen ? `others than its owner may write to ${what}` : undefined;
};

/** The folder itself is no symbolic link: its facts would be those of another. */
const openTrusted = (
  files: Pick<Platform['files'], 'openFolder'>,
  path: string,
  ownUid: number,
): Outcome<{ readonly folder: Folder; readonly refused: string | undefined }> => {
  const slash = path.lastIndexOf('/');
  const parent = files.openFolder(path.slice(0, slash) || '/');
  if (!parent.ok) return parent;
  const name = path.slice(slash + 1);
  const facts = parent.value.facts(name);
  const folder = parent.value.enter(name);
  parent.value.close();
  if (!facts.ok) return facts;
  if (!folder.ok) return folder;
  const refused = distrust('the folder', facts.value, ownUid);
  return { ok: true, value: { folder: folder.value, refused } };
};

export const makeProvisionRoute = (
  platform: Pick<Platform, 'files' | 'crypto' | 'machine'>,
  path: string,
): Route => {
  const { files, crypto, machine } = platform;

  const describe = (
    folder: Folder,
    name: string,
    refusedFolder: string | undefined,
  ): readonly ProvisionScript[] => {
    const facts = folder.facts(name);
    if (!facts.ok || facts.value.kind !== 'file') return [];
    const read = readFile({ folder, name }, undefined, MAX_SCRIPT_BYTES);
    const unread = read.ok ? undefined : 'it is too long, or cannot be read';
    const refused = refusedFolder ?? distrust('the file', facts.value, machine.uid) ?? unread;
    return [
      {
        name,
        path: `${path}/${name}`,
        size_bytes: facts.value.sizeBytes,
        executable: (facts.value.mode & 0o111) !== 0,
        when: EVERY_BOOT.test(name) ? 'every_boot' : 'first_boot',
        // Of one that is longer, or may not be read, it cannot be told.
        sha256: read.ok ? encodeHex(crypto.sha256(read.value.bytes)) : null,
        refused: refused ?? null,
      },
    ];
  };

  const list = (): ProvisionList | undefined => {
    const opened = openTrusted(files, path, machine.uid);
    if (!opened.ok) {
      const isThere = opened.error.code !== 'ENOENT';
      return isThere ? undefined : { folder: path, scripts: [], left_out: 0 };
    }
    const { folder, refused } = opened.value;
    const listed = folder.list();
    const names = (listed.ok ? [...listed.value] : [])
      .filter((name) => NAME.test(name) && !BACKUP.test(name))
      .sort((left, right) => (left < right ? -1 : 1));
    const scripts = names.slice(0, MAX_SCRIPTS).flatMap((name) => describe(folder, name, refused));
    folder.close();
    const leftOut = Math.max(0, names.length - MAX_SCRIPTS);
    return listed.ok ? { folder: path, scripts, left_out: leftOut } : undefined;
  };

  return {
    path: '/provision',
    methods: ['GET'],
    access: { scope: 'exec', beforeEnrolment: 'nobody', openToLoopback: false },
    query: [],
    handle: () => {
      const document = list();
      if (document !== undefined) return jsonAnswer(document);
      return refuse({ status: 503, code: 'unreadable', message: `${path} cannot be read` });
    },
  };
};
