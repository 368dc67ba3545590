/**
 * Whether a registered socket is still one that may be connected to. Links are refused below the
 * allowed folders: a VMM owns the folder of its sockets, and one that was taken over by its guest could
 * lead the manager to any other service of the machine.
 */
import { lstat, realpath } from 'node:fs/promises';
import { folderOf } from '../vms/socket-rules.ts';

/** Undefined: it may be used. */
export const refuseSocketPath = async (
  path: string,
  folders: readonly string[],
): Promise<string | undefined> => {
  const folder = folderOf(path, folders);
  if (folder === undefined) {
    return 'the socket is outside of the folders of INNKEEPER_SOCKET_DIRS';
  }
  try {
    const realFolder = await realpath(folder);
    if ((await realpath(path)) !== `${realFolder}${path.slice(folder.length)}`) {
      return 'a symbolic link leads elsewhere';
    }
    return (await lstat(path)).isSocket() ? undefined : 'there is something else than a socket';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such socket';
    return code === 'EACCES'
      ? 'the manager may not go there'
      : `it cannot be used: ${String(code)}`;
  }
};
