/**
 * A test file that leaves a timer, server, socket or process behind fails. Vitest would end it
 * with its worker, and the same forgotten thing would keep the product from stopping.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';

/** What closes takes a moment to be gone, more on a busy machine. */
const graceMs = 2_000;

/** What keeps a program alive, by kind: { Timeout: 1, TCPServerWrap: 1 } */
function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Requests under way, such as reading a file or a name lookup, end by themselves. */
function isKept(kind: string): boolean {
  return kind === 'Timeout' || kind === 'Immediate' || kind.endsWith('Wrap');
}

const before = countResources();

function listLeaks(): string[] {
  return [...countResources()]
    .map(([kind, count]): [string, number] => [kind, count - (before.get(kind) ?? 0)])
    .filter(([kind, extra]) => isKept(kind) && extra > 0)
    .map(([kind, extra]) => `${extra} ${kind}`);
}

// Registered before the file's own hooks, hence run after them.
afterAll(async () => {
  for (let waited = 0; listLeaks().length > 0 && waited < graceMs; waited += 20) {
    // Not counted itself: it does not keep the program alive.
    await sleep(20, undefined, { ref: false });
  }
  const leaks = listLeaks();
  if (leaks.length > 0) {
    throw new Error(
      `these tests leave something behind that keeps a program alive: ${leaks.join(', ')}. ` +
        'Close it in the test (try … finally) or in afterEach.',
    );
  }
});
