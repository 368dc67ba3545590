/** The space of filesystems, at once or by a thread that may wait for a dead server for ever. */
import type { Files, FilesystemSpace, Outcome } from '../platform.ts';
import type { Aside } from './aside.ts';
import type { EventLoop } from './event-loop.ts';
import { failure, succeed } from './failure.ts';
import type { Space } from './native.ts';

const spaceOf = (space: Space): FilesystemSpace => {
  const [blockSize, blocks, blocksFree, blocksAvailable, files, filesFree] = space;
  return { blockSize, blocks, blocksFree, blocksAvailable, files, filesFree };
};

const outcomeOf = (space: Space | number, path: string): Outcome<FilesystemSpace> =>
  typeof space === 'number' ? failure(space, `statfs '${path}'`) : succeed(spaceOf(space));

export const makeSpace = (
  loop: EventLoop,
  aside: Aside,
): Pick<Files, 'statfs' | 'statfsAside'> => ({
  statfs: (path) => outcomeOf(native.statfs(path), path),
  statfsAside: (path, done) => {
    const result = aside.ask('space', path, ([, problem, ...found]) => {
      const [size, blocks, free, available, files, filesFree] = found;
      const space: Space = [size, blocks, free, available, files, filesFree];
      done(outcomeOf(problem === 0 ? space : -problem, path));
    });
    if (result !== 0) loop.timers.after(0, () => done(failure(result, `statfs '${path}'`)));
  },
});
