import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeProvisionFeed, type ProvisionFeed } from './provision-feed.ts';

describe('the feed of a provisioning', () => {
  let feed: ProvisionFeed | undefined;
  let nowMs = 100;
  const sent: (() => void)[] = [];
  const start = (answer: () => Promise<boolean> = async () => true): ProvisionFeed => {
    feed = makeProvisionFeed({
      send: async (received) => {
        sent.push(received);
        return answer();
      },
      onError: () => {},
      limits: { provisionIntervalMs: 1 },
      monotonicMs: () => nowMs,
    });
    return feed;
  };
  const untilSent = async (count: number): Promise<void> =>
    waitUntil(`${count} are sent`, () => sent.length === count);
  const untilOwed = async (ms: number | undefined): Promise<void> =>
    waitUntil(`it is owed since ${ms}`, () => feed?.owesSince() === ms);

  afterEach(() => {
    feed?.stop();
    sent.length = 0;
  });

  it('sends one at a time, and after it the newest alone', async () => {
    const one = start();
    one.changed();
    await untilOwed(100);
    nowMs = 200;
    for (let index = 0; index < 5; index += 1) one.changed();
    expect(sent).toHaveLength(1);
    sent[0]?.();
    await untilOwed(200);
    expect(sent).toHaveLength(2);
    sent[1]?.();
    await untilOwed(undefined);
    nowMs = 100;
  });

  it('waits for nobody where nothing was sent', async () => {
    const one = start(async () => false);
    one.changed();
    await untilSent(1);
    one.changed();
    await untilSent(2);
    expect(one.owesSince()).toBeUndefined();
  });

  it('takes an answer that is faster than its own question', async () => {
    const one = start(async () => {
      sent.at(-1)?.();
      return true;
    });
    one.changed();
    await untilSent(1);
    one.changed();
    await untilSent(2);
    expect(one.owesSince()).toBeUndefined();
  });

  it('tries again what could not be read', async () => {
    let tries = 0;
    const one = start(async () => {
      tries += 1;
      if (tries === 1) throw new Error('away');
      return true;
    });
    one.changed();
    await untilSent(2);
    expect(tries).toBe(2);
  });
});
