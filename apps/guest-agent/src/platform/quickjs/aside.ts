/** Questions that a dead server may keep for ever: each has a thread of `native/aside.c`. */
import { READABLE, type EventLoop } from './event-loop.ts';
import type { AsideAnswer } from './native.ts';

export type AsideAnswered = (answer: AsideAnswer) => void;

export interface Aside {
  /** 0, or why it cannot be asked: the errno as a negative number. */
  ask(what: 'space' | 'name', text: string, answered: AsideAnswered): number;
}

export const makeAside = (loop: EventLoop): Aside => {
  const questions = new Map<number, AsideAnswered>();
  let asked = 0;

  const takeAnswers = (): void => {
    for (;;) {
      const answer = native.readAsideAnswer();
      if (answer === undefined) return;
      const [number] = answer;
      const answered = questions.get(number);
      questions.delete(number);
      answered?.(answer);
    }
  };

  return {
    ask: (what, text, answered) => {
      if (asked === 0) loop.watch(native.asideAnswers(), READABLE, takeAnswers);
      asked += 1;
      const problem = native.askAside(text, asked, what === 'name');
      if (problem === 0) questions.set(asked, answered);
      return problem;
    },
  };
};
