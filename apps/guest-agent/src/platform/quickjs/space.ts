/** The space of filesystems, at once or by a thread that may wait for a dead server for ever. */
import type { Files, FilesystemSpace, Outcome } from '../platform.ts';
import { READABLE, type EventLoop } from './event-loop.ts';
import { failure, succeed } from './failure.ts';
import type { Space } from './native.ts';

type Done = (outcome: Outcome<FilesystemSpace>) => void;

const spaceOf = (space: Space): FilesystemSpace => {
  const [blockSize, blocks, blocksFree, blocksAvailable, files, filesFree] = space;
  return { blockSize, blocks, blocksFree, blocksAvailable, files, filesFree };
};

const outcomeOf = (space: Space | number, path: string): Outcome<FilesystemSpace> =>
  typeof space === 'number' ? failure(space, `statfs '${path}'`) : succeed(spaceOf(space));

interface Question {
  readonly path: string;
  readonly done: Done;
}

export const makeSpace = (loop: EventLoop): Pick<Files, 'statfs' | 'statfsAside'> => {
  const questions = new Map<number, Question>();
  let asked = 0;

  const takeAnswers = (): void => {
    for (;;) {
      const answer = native.readAsideAnswer();
      if (answer === undefined) return;
      const [number, problem, ...space] = answer;
      const question = questions.get(number);
      questions.delete(number);
      question?.done(outcomeOf(problem === 0 ? space : -problem, question.path));
    }
  };

  return {
    statfs: (path) => outcomeOf(native.statfs(path), path),
    statfsAside: (path, done) => {
      if (asked === 0) loop.watch(native.asideAnswers(), READABLE, takeAnswers);
      asked += 1;
      const result = native.statfsAside(path, asked);
      if (result === 0) questions.set(asked, { path, done });
      else loop.timers.after(0, () => done(failure(result, `statfs '${path}'`)));
    },
  };
};
