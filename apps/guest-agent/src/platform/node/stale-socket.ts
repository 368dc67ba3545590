/**
 * The file of a unix socket outlives a process that was killed, and nobody can listen there again
 * until it is gone. Whether somebody still does is asked by connecting (unix(7): ECONNREFUSED); the
 * file of a program that listens, and any file that is no socket, stay as they are.
 */
import { lstatSync, unlinkSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { failure } from './failure.ts';

const socketFileAt = (path: string): Stats | undefined => {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isSocket() === true ? stats : undefined;
};

const isRefused = async (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    // Anything but a refusal (no permission, a full backlog) does not say that nobody is there.
    socket.once('error', (error) => resolve(failure(error).error.code === 'ECONNREFUSED'));
  });

/** Resolves with whether it removed a file to which nobody listens. */
export const removeStaleSocket = async (path: string): Promise<boolean> => {
  try {
    const before = socketFileAt(path);
    if (before === undefined || !(await isRefused(path))) return false;
    // Another agent may have done the same in the meantime, and listen there already.
    if (socketFileAt(path)?.ino !== before.ino) return false;
    unlinkSync(path);
    return true;
  } catch {
    // A folder that this user may not search or change: the error of listen() says it better.
    return false;
  }
};
