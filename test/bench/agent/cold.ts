/**
 * Takes the files of a command out of the page cache, so that its start reads them from the disk.
 * Only these: what else the machine does goes on as before, and nobody has to be root.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const DROP_MS = 30_000;

const isFile = (path: string): boolean =>
  path.startsWith('/') && statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** False where they stay: dd of GNU knows how to ask the kernel, and others do not. */
export const dropFromCache = (command: readonly string[]): boolean =>
  command.filter(isFile).every((path) => {
    // What is not on the disk yet cannot be dropped.
    const commands = [
      ['sync', path],
      ['dd', `if=${path}`, 'iflag=nocache', 'count=0', 'status=none'],
    ];
    return commands.every(([program = '', ...args]) => {
      const { status } = spawnSync(program, args, { stdio: 'ignore', timeout: DROP_MS });
      return status === 0;
    });
  });
