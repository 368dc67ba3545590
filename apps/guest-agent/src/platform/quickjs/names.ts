/** Addresses of names, looked up by a thread that may wait for a dead server. */
import type { Outcome } from '../platform.ts';
import type { Aside } from './aside.ts';
import type { EventLoop } from './event-loop.ts';
import { failure, failWith, succeed } from './failure.ts';

export interface Names {
  lookUp(name: string, timeoutMs: number): Promise<Outcome<readonly string[]>>;
}

/** Each has a thread, also when nobody waits for it any more. */
const MAX_UNDER_WAY = 8;

export const makeNames = (loop: EventLoop, aside: Aside): Names => {
  let underWay = 0;
  return {
    lookUp: async (name, timeoutMs) =>
      new Promise((resolve) => {
        const call = `getaddrinfo ${name}`;
        if (underWay >= MAX_UNDER_WAY) {
          resolve(failWith('EAGAIN', 'too many names are looked up', call));
          return;
        }
        const cancel = loop.timers.after(timeoutMs, () =>
          resolve(failWith('ETIMEDOUT', `no answer within ${timeoutMs} ms`, call)),
        );
        const problem = aside.ask('name', name, ([, , , , , , , , ...addresses]) => {
          underWay -= 1;
          cancel();
          resolve(
            addresses.length > 0
              ? succeed(addresses)
              : failWith('ENOTFOUND', 'no address of this name was found', call),
          );
        });
        if (problem === 0) {
          underWay += 1;
          return;
        }
        cancel();
        resolve(failure(problem, call));
      }),
  };
};
