import { describe, expect, test } from 'vitest';
import { startSupervised } from './supervised.ts';

const start = (variables: Readonly<Record<string, string>>) => {
  const said: string[] = [];
  const timers = new Map<() => void, number>();
  const supervised = startSupervised({
    variables,
    notify: (socket, text) => said.push(`${socket} ${text}`),
    platform: {
      machine: { pid: 17 },
      clock: {
        after: (delayMs, fire) => {
          timers.set(fire, delayMs);
          return () => void timers.delete(fire);
        },
      },
    },
  });
  const fireAll = (): void => {
    const due = [...timers.keys()];
    timers.clear();
    for (const fire of due) fire();
  };
  return { said, timers, fireAll, ...supervised };
};

describe('an agent that systemd has started', () => {
  test('says that it is ready, that it lives three times in the time it has, and that it goes', () => {
    const { said, timers, fireAll, stop } = start({
      NOTIFY_SOCKET: '/run/notify',
      WATCHDOG_USEC: '120000000',
      WATCHDOG_PID: '17',
    });
    expect([...timers.values()]).toEqual([40_000]);
    fireAll();
    expect([...timers.values()]).toEqual([40_000]);
    stop();
    expect(timers.size).toBe(0);
    const all = ['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1'];
    expect(said).toEqual(all.map((text) => `/run/notify ${text}`));
  });

  test.each([
    ['no time is given', {}],
    ['the time is for another process', { WATCHDOG_USEC: '1000000', WATCHDOG_PID: '18' }],
    ['the time is no number', { WATCHDOG_USEC: '1s' }],
    ['the time is none', { WATCHDOG_USEC: '0' }],
  ])('says only that it is ready where %s', (_, variables) => {
    const { said, timers } = start({ NOTIFY_SOCKET: '@abstract', ...variables });
    expect(said).toEqual(['@abstract READY=1']);
    expect(timers.size).toBe(0);
  });

  test('is never busy with it, however short the time is', () => {
    const { timers } = start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '1' });
    expect([...timers.values()]).toEqual([100]);
  });
});

test('without a socket it says nothing', () => {
  const { said, stop } = start({ WATCHDOG_USEC: '1000000' });
  stop();
  expect(said).toEqual([]);
});
