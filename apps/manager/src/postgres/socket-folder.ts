/**
 * The folder of the server's socket. Only its user and root can enter it, which is all the
 * protection that the server has: whoever reaches the socket is let in.
 */
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SOCKET_PORT } from './server-process.ts';
import type { ServerUser } from './server-user.ts';

/** sun_path has 108 bytes, with a zero at the end (unix(7)). */
const MAX_PATH_BYTES = 107;
const PREFIX = 'innkeeper-postgres-';

export const socketPath = (folder: string): string => join(folder, `.s.PGSQL.${SOCKET_PORT}`);

const isTooLong = (folder: string): boolean =>
  Buffer.byteLength(socketPath(folder)) > MAX_PATH_BYTES;

/** Where it is, if the path is not too long there. */
export const socketFolderBeside = (cluster: string): string => join(dirname(cluster), 'socket');

/** @param temporaryDir where it is put otherwise, under a name that nobody can take beforehand */
export const makeSocketFolder = async (
  cluster: string,
  temporaryDir: string,
  user: ServerUser | undefined,
): Promise<string> => {
  let folder = socketFolderBeside(cluster);
  if (isTooLong(folder)) folder = await mkdtemp(join(temporaryDir, PREFIX));
  else await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return folder;
};

/** Those in the folder for temporary files; the other one stays with the database. */
export const removeSocketFolder = async (folder: string, temporaryDir: string): Promise<void> => {
  if (dirname(folder) !== temporaryDir || !basename(folder).startsWith(PREFIX)) return;
  await rm(folder, { recursive: true, force: true });
};
