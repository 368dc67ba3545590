/** Postgres refuses to run as root. So root runs it as somebody else; anybody else as themselves. */
import { readFile, stat } from 'node:fs/promises';
import type { System } from './system.ts';

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export type FoundUser =
  /** Undefined: the user who calls. */
  | { readonly ok: true; readonly user: ServerUser | undefined }
  | { readonly ok: false; readonly problem: string };

/** In this order. Nobody needs to be made for us: `nobody` is everywhere. */
const PREFERRED = ['postgres', 'nobody'];

export const parsePasswd = (text: string): readonly ServerUser[] =>
  text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    if (name === '' || !/^\d+$/u.test(uid) || !/^\d+$/u.test(gid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });

const ownerOf = async (cluster: string): Promise<{ uid: number; gid: number } | undefined> => {
  try {
    const { uid, gid } = await stat(cluster);
    return { uid, gid };
  } catch {
    // There is none yet, or it is out of reach: whoever opens it next says so.
    return undefined;
  }
};

/**
 * The owner of a cluster that exists, so that a user `postgres` who is added to the machine later
 * changes nothing.
 */
export const findServerUser = async (
  system: Pick<System, 'uid'>,
  cluster: string,
  passwdPath = '/etc/passwd',
): Promise<FoundUser> => {
  const owner = await ownerOf(cluster);
  if (system.uid !== 0) {
    if (owner === undefined || owner.uid === system.uid) return { ok: true, user: undefined };
    return {
      ok: false,
      problem:
        `the database in ${cluster} belongs to user ${owner.uid}, and this is user ${system.uid}: ` +
        'start the manager as root or as that user, or choose another INNKEEPER_DATA_DIR',
    };
  }
  const users = parsePasswd(await readFile(passwdPath, 'utf8'));
  if (owner !== undefined && owner.uid !== 0) {
    const name = users.find(({ uid }) => uid === owner.uid)?.name ?? String(owner.uid);
    return { ok: true, user: { name, ...owner } };
  }
  const user = PREFERRED.map((name) => users.find((entry) => entry.name === name)).find(
    (entry) => entry !== undefined && entry.uid !== 0,
  );
  if (user !== undefined) return { ok: true, user };
  return {
    ok: false,
    problem:
      'Postgres cannot run as root, and this machine has neither a user "postgres" nor "nobody": ' +
      'start the manager as another user, or set DATABASE_URL',
  };
};
