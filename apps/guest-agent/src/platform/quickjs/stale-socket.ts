/**
 * The file of a unix socket outlives a process that was killed, and nobody can listen there again
 * until it is gone. Whether somebody still does is asked by connecting (unix(7): ECONNREFUSED); the
 * file of a program that listens, and any file that is no socket, stay as they are.
 */
import { identityOf } from './open-plain.ts';

/** inode(7) */
const SOCKET = 0o140_000;

const identityOfSocket = (path: string): string | undefined => {
  const facts = native.facts(path);
  return typeof facts !== 'number' && facts[0] === SOCKET ? identityOf(facts) : undefined;
};

/** Anything but a refusal (no permission, a full backlog) does not say that nobody is there. */
const isRefused = (path: string): boolean => {
  const descriptor = native.connect(path);
  if (descriptor >= 0) native.close(descriptor);
  return descriptor < 0 && native.errorName(-descriptor) === 'ECONNREFUSED';
};

/** Whether it removed a file to which nobody listens. */
export const removeStaleSocket = (path: string): boolean => {
  const before = identityOfSocket(path);
  if (before === undefined || !isRefused(path)) return false;
  // Another agent may have done the same in the meantime, and listen there already.
  return identityOfSocket(path) === before && native.unlink(path) === 0;
};
