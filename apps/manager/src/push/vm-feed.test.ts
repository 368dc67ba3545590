import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeReading, makeVm } from './testing/fake-fleet.ts';
import { makeVmFeed } from './vm-feed.ts';

const vm = makeVm(1);

describe('a feed of readings', () => {
  test('has at most two under way, in order, and ends with the newest', () => {
    const steps = fc.array(fc.constantFrom('offer', 'acknowledge', 'acknowledge newest'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (doings) => {
        const sent: number[] = [];
        const owed: (() => void)[] = [];
        let replaced = 0;
        let offered = 0;
        const feed = makeVmFeed({
          monotonicMs: () => 0,
          send(reading, received) {
            sent.push(reading.taken_at);
            owed.push(received);
          },
          onReplaced() {
            replaced += 1;
          },
          onIdle() {},
        });
        for (const doing of doings) {
          if (doing === 'offer') {
            offered += 1;
            feed.offer(makeReading(vm, { taken_at: offered }));
          } else if (doing === 'acknowledge') owed.shift()?.();
          else owed.pop()?.();
          expect(owed.length).toBeLessThanOrEqual(2);
          expect(feed.isIdle()).toBe(owed.length === 0);
        }
        while (owed.length > 0) owed.shift()?.();
        expect(sent).toStrictEqual(sent.toSorted((one, other) => one - other));
        expect(sent.at(-1)).toBe(offered === 0 ? undefined : offered);
        expect(sent.length + replaced).toBe(offered);
      }),
    );
  });

  test('knows since when the oldest is owed, and an acknowledgement counts once', () => {
    let now = 1;
    const owed: (() => void)[] = [];
    const feed = makeVmFeed({
      monotonicMs: () => now,
      send: (_reading, received) => owed.push(received),
      onReplaced() {},
      onIdle() {},
    });
    feed.offer(makeReading(vm));
    now = 5;
    feed.offer(makeReading(vm));
    expect(feed.owesSince()).toBe(1);
    owed[0]?.();
    owed[0]?.();
    expect(feed.owesSince()).toBe(5);
    owed[1]?.();
    expect(feed.owesSince()).toBeUndefined();
  });
});
