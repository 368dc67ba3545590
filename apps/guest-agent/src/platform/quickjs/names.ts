/** Addresses of names, looked up by a thread that may wait for a dead server. */
import type { Outcome } from '../platform.ts';
import { READABLE, type EventLoop } from './event-loop.ts';
import { failure, failWith, succeed } from './failure.ts';

export interface Names {
  lookUp(name: string, timeoutMs: number): Promise<Outcome<readonly string[]>>;
}

/** Each has a thread, also when nobody waits for it any more. */
const MAX_UNDER_WAY = 8;

export const makeNames = (loop: EventLoop): Names => {
  const waiting = new Map<number, (addresses: readonly string[]) => void>();
  let asked = 0;
  let underWay = 0;

  const takeAnswers = (): void => {
    for (;;) {
      const answer = native.readNameAnswer();
      if (answer === undefined) return;
      const [number, ...addresses] = answer;
      underWay -= 1;
      waiting.get(number)?.(addresses);
      waiting.delete(number);
    }
  };

  return {
    lookUp: async (name, timeoutMs) =>
      new Promise((resolve) => {
        const call = `getaddrinfo ${name}`;
        if (underWay >= MAX_UNDER_WAY) {
          resolve(failWith('EAGAIN', 'too many names are looked up', call));
          return;
        }
        if (asked === 0) loop.watch(native.nameAnswers(), READABLE, takeAnswers);
        asked += 1;
        const number = asked;
        const problem = native.lookUpAside(name, number);
        if (problem !== 0) {
          resolve(failure(problem, call));
          return;
        }
        underWay += 1;
        const cancel = loop.timers.after(timeoutMs, () => {
          waiting.delete(number);
          resolve(failWith('ETIMEDOUT', `no answer within ${timeoutMs} ms`, call));
        });
        waiting.set(number, (addresses) => {
          cancel();
          resolve(
            addresses.length > 0
              ? succeed(addresses)
              : failWith('ENOTFOUND', 'no address of this name was found', call),
          );
        });
      }),
  };
};
