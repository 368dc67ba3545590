/** Live logs over real sockets, from agents that a test makes up. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { soonAfter, startFakeAgent, type FakeAgent } from '../logs/testing/fake-agent.ts';
import { makeVm, vmId } from './testing/fake-fleet.ts';
import { connected, sendAnything } from './testing/listen.ts';
import { viewLogs, type LogViewer } from './testing/log-viewer.ts';
import {
  startPushServer,
  type ClientOptions,
  type PushServerOfTest,
  type PushServerOptions,
} from './testing/push-server.ts';

const numbered = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `line ${from + index}`);

const fill = (agent: FakeAgent, count: number): void => {
  agent.log(...Array.from({ length: count }, () => ({})));
};

interface Parts {
  readonly agent: FakeAgent;
  readonly server: PushServerOfTest;
  readonly view: (options?: ClientOptions) => Promise<LogViewer>;
}

const start = async (options: PushServerOptions = {}): Promise<Parts> => {
  const agent = await startFakeAgent();
  const place = { guestIp: agent.host, agentPort: agent.port };
  const vms = [makeVm(1, place), makeVm(2, { ...place, labels: { app: 'web' } })];
  const server = await startPushServer({ vms, now: soonAfter, ...options });
  onTestFinished(async () => {
    await server.stop();
    await agent.stop();
  });
  return {
    agent,
    server,
    view: async (clientOptions) => {
      const client = server.connect(clientOptions);
      await connected(client);
      return viewLogs(client, vmId(1));
    },
  };
};

const hasShown = async (viewer: LogViewer, count: number): Promise<void> =>
  waitUntil(`${count} lines are shown`, () => viewer.messages().length >= count);

describe('a subscription to logs', () => {
  test('brings what there is, then what comes, in one numbering', async () => {
    const { agent, server, view } = await start();
    fill(agent, 3);
    const viewer = await view();
    expect(await viewer.subscribe()).toStrictEqual({ ok: true });
    await hasShown(viewer, 3);
    fill(agent, 2);
    await hasShown(viewer, 5);
    expect(viewer.messages()).toStrictEqual(numbered(5));
    expect(viewer.entries.map(({ seq }) => seq)).toStrictEqual([1, 2, 3, 4, 5]);
    expect(viewer.histories).toHaveLength(1);
    expect(viewer.histories[0]).toMatchObject({ fresh: true, dropped: 0 });
    expect(viewer.states.map(({ state }) => state)).toStrictEqual(['connecting', 'live']);
    expect(agent.requests[0]?.query.get('tail')).toBe('1000');
    expect(agent.requests[0]?.authorization).toBe('Bearer a-token');
    expect(server.logHub.stats()).toMatchObject({ streams: 1, liveStreams: 1, lines: 5 });
  });

  test('shares one stream with all others, and ends it when the last has gone', async () => {
    const { agent, server, view } = await start();
    fill(agent, 3);
    const viewers = await Promise.all([view(), view(), view()]);
    for (const viewer of viewers) await viewer.subscribe();
    await Promise.all(viewers.map(async (viewer) => hasShown(viewer, 3)));
    fill(agent, 3);
    await Promise.all(viewers.map(async (viewer) => hasShown(viewer, 6)));
    for (const viewer of viewers) expect(viewer.messages()).toStrictEqual(numbered(6));
    expect(agent.requests).toHaveLength(1);
    expect(server.push.stats().logs.subscriptions).toBe(3);
    for (const viewer of viewers) await viewer.unsubscribe();
    await waitUntil('the stream has ended', () => agent.open() === 0);
    expect(server.logHub.stats()).toMatchObject({ streams: 0, listeners: 0, bytes: 0 });
    expect(server.push.stats().logs.subscriptions).toBe(0);
  });

  test('goes on after its epoch and number without repeat or hole', async () => {
    const { agent, view } = await start({ logLimits: { lingerMs: 5_000 } });
    fill(agent, 5);
    const first = await view();
    await first.subscribe();
    await hasShown(first, 5);
    const after = first.position();
    first.close();
    fill(agent, 4);
    const second = await view();
    await second.subscribe({ ...(after !== undefined && { after }) });
    await hasShown(second, 4);
    expect(second.messages()).toStrictEqual(numbered(4, 6));
    expect(second.histories[0]).toMatchObject({ fresh: false, dropped: 0 });
    expect(agent.requests).toHaveLength(1);
  });

  test('is told how many lines are missing where more have come than are held', async () => {
    const { agent, view } = await start({ logLimits: { ringEntries: 10, lingerMs: 5_000 } });
    fill(agent, 5);
    const [first, other] = [await view(), await view()];
    await first.subscribe();
    await other.subscribe();
    await hasShown(first, 5);
    const after = first.position();
    first.close();
    for (let written = 5; written < 105; written += 20) {
      fill(agent, 20);
      await hasShown(other, written + 20);
    }
    const second = await view();
    await second.subscribe({ ...(after !== undefined && { after }) });
    await waitUntil('it has caught up', () => second.position()?.seq === 105);
    const shown = second.messages().length;
    expect(second.messages()).toStrictEqual(numbered(shown, 106 - shown));
    expect(second.histories[0]).toMatchObject({ fresh: false });
    expect(second.dropped()).toBeGreaterThanOrEqual(50);
    expect(second.dropped() + shown).toBe(100);
  });

  test('goes on after its cursor where the manager has begun anew', async () => {
    const { agent, view } = await start();
    fill(agent, 2_000);
    const viewer = await view();
    await viewer.subscribe({ after: { epoch: 'before', seq: 77, cursor: 's=500' } });
    await hasShown(viewer, 1_500);
    fill(agent, 1);
    await hasShown(viewer, 1_501);
    expect(viewer.messages()).toStrictEqual(numbered(1_501, 501));
    expect(viewer.histories[0]).toMatchObject({ fresh: false, dropped: 0 });
    expect(viewer.marks()).toStrictEqual([]);
    expect(agent.requests[0]?.lastEventId).toBe('s=500');
    // Another one that comes back finds its line in what is held.
    const other = await view();
    await other.subscribe({ after: { epoch: 'before', seq: 3, cursor: 's=1990' } });
    await hasShown(other, 11);
    expect(other.messages()).toStrictEqual(numbered(11, 1_991));
    expect(other.histories[0]?.fresh).toBe(false);
    expect(agent.requests).toHaveLength(1);
  });

  test('begins anew where nobody knows its last line any more', async () => {
    const { agent, view } = await start();
    fill(agent, 3);
    const first = await view();
    await first.subscribe();
    await hasShown(first, 3);
    const second = await view();
    await second.subscribe({ after: { epoch: 'before', seq: 3, cursor: 's=999999' } });
    await hasShown(second, 3);
    expect(second.histories[0]).toMatchObject({ fresh: true });
  });

  test('filters at the manager, and says how far it has seen', async () => {
    const { agent, view } = await start();
    const viewer = await view();
    await viewer.subscribe({ level: 'warn', unit: ['app'], grep: 'FIND' });
    await waitUntil('it is live', () => viewer.states.at(-1)?.state === 'live');
    agent.log(
      { message: 'find me', level: 'error' },
      { message: 'find me', level: 'info' },
      { message: 'lose me', level: 'error' },
      { message: 'find me', level: 'error', target: 'other.service' },
      {
        message: 'to find as well',
        level: 'warn',
        target: 'other',
        fields: { UNIT: 'app.service', _PID: '1' },
      },
    );
    await hasShown(viewer, 2);
    expect(viewer.messages()).toStrictEqual(['find me', 'to find as well']);
    expect(viewer.entries.map(({ seq }) => seq)).toStrictEqual([1, 5]);
    expect(viewer.batches.at(-1)).toMatchObject({ through: 5, dropped: 0 });
    expect(agent.requests[0]?.query.has('grep')).toBe(false);
    // Again, with another filter.
    await viewer.subscribe({ stream: 'stderr' });
    agent.log({ stream: 'stderr', message: 'loud' }, { stream: 'stdout' });
    await waitUntil('it is there', () => viewer.messages().includes('loud'));
    expect(viewer.histories).toHaveLength(2);
    expect(viewer.messages()).toStrictEqual(['loud']);
  });

  test('is refused to whoever may not see the VM, or asks for what there is not', async () => {
    const { server, view } = await start();
    const refused = { ok: false, error: { code: 'vm_not_found' } };
    const stranger = await view({ auth: { token: 'web' } });
    expect(await stranger.subscribe()).toMatchObject(refused);
    const viewer = await view();
    expect(await viewer.subscribe({ vm_id: vmId(99) })).toMatchObject(refused);
    const cursor = 'a\r\nx: y';
    expect(await viewer.subscribe({ after: { epoch: 'x', seq: 1, cursor } })).toMatchObject({
      ok: false,
      error: { code: 'invalid' },
    });
    expect(server.push.stats().logs.subscriptions).toBe(0);
    expect(server.logHub.stats().streams).toBe(0);
  });

  test('ends when its VM leaves the scope of the viewer, or is deleted', async () => {
    const { agent, server, view } = await start();
    fill(agent, 1);
    const scoped = await view({ auth: { token: 'web' } });
    const other = await view();
    await scoped.subscribe({ vm_id: vmId(2) });
    await other.subscribe({ vm_id: vmId(2) });
    await hasShown(scoped, 1);
    server.vms.relabel(vmId(2), {});
    await waitUntil('it is told', () => scoped.gone.length === 1);
    fill(agent, 1);
    await hasShown(other, 2);
    expect(scoped.messages()).toHaveLength(1);
    server.vms.remove(vmId(2));
    await waitUntil('the other one is told too', () => other.gone.length === 1);
    await waitUntil('the stream has ended', () => agent.open() === 0);
    expect(server.logHub.stats().streams).toBe(0);
  });

  test('has a limit for each connection', async () => {
    const { view } = await start({ limits: { maxLogSubscriptions: 2 } });
    const viewer = await view();
    expect(await viewer.subscribe()).toStrictEqual({ ok: true });
    expect(await viewer.subscribe({ source: 'kmsg' })).toStrictEqual({ ok: true });
    expect(await viewer.subscribe({ source: 'agent' })).toMatchObject({
      ok: false,
      error: { code: 'too_many_subscriptions' },
    });
    expect(await viewer.subscribe({ source: 'kmsg' })).toStrictEqual({ ok: true });
  });
});

describe('what a client is too slow for', () => {
  test('waits in the ring, two batches are under way, and what had to go is counted', async () => {
    const { agent, server, view } = await start({
      limits: { logBatchLines: 100, logIntervalMs: 10 },
      logLimits: { ringEntries: 50, backlogEntries: 1_000 },
    });
    const [slow, quick] = await Promise.all([view(), view()]);
    await slow.subscribe();
    await quick.subscribe();
    await waitUntil('it is live', () => slow.states.at(-1)?.state === 'live');
    fill(agent, 1);
    await hasShown(slow, 1);
    slow.fallBehind();
    let written = 1;
    for (let round = 0; round < 30; round += 1) {
      fill(agent, 200);
      written += 200;
      await hasShown(quick, written);
    }
    expect(quick.messages()).toStrictEqual(numbered(6_001));
    expect(quick.dropped()).toBe(0);
    expect(slow.messages().length).toBeLessThan(400);
    slow.catchUp();
    await waitUntil('it has caught up', () => slow.position()?.seq === written);
    expect(slow.dropped()).toBeGreaterThan(0);
    expect(slow.messages().length + slow.dropped()).toBe(written);
    expect(new Set(slow.messages()).size).toBe(slow.messages().length);
    expect(server.push.stats().logs.linesDropped).toBe(slow.dropped());
    expect(server.logHub.stats().dropped).toBeGreaterThan(0);
  });
});

test('a failure behind an acknowledgement ends neither the connection nor the manager', async () => {
  const { server, view } = await start();
  const viewer = await view();
  await server.logHub.stop();
  expect(await viewer.subscribe()).toStrictEqual({ ok: true });
  await waitUntil('it is counted', () => server.push.stats().failedEvents === 1);
  expect(await viewer.unsubscribe()).toStrictEqual({ ok: true });
});

test('a page that was left without an answer leaves its room to the next one', async () => {
  const { agent, view } = await start({ limits: { logWindowBytes: 100 } });
  fill(agent, 3);
  const viewer = await view();
  viewer.fallBehind();
  for (let round = 1; round <= 3; round += 1) {
    await viewer.subscribe();
    await waitUntil('there is a history', () => viewer.histories.length === round);
    await viewer.unsubscribe();
  }
  expect(viewer.messages()).toStrictEqual(numbered(3));
});

test('hostile events are refused, and nothing of them is left', async () => {
  const { server } = await start();
  const client = server.connect();
  await connected(client);
  const answers: unknown[] = [];
  const odd = [
    undefined,
    null,
    'x',
    {},
    { vm_id: vmId(1), source: 'file:relative' },
    { vm_id: vmId(1), colour: 'red' },
    { vm_id: vmId(1), unit: 'a' },
    { vm_id: vmId(1), after: { epoch: '', seq: 1 } },
    { vm_id: vmId(1), after: { epoch: 'x', seq: -1 } },
    { vm_id: vmId(1), after: { epoch: 'x', seq: 1, cursor: 'x'.repeat(301) } },
  ];
  for (const payload of odd) {
    sendAnything(client, 'logs:subscribe', payload, (answer: unknown) => answers.push(answer));
    sendAnything(client, 'logs:unsubscribe', payload, () => undefined);
  }
  await waitUntil('all are answered', () => answers.length === odd.length);
  for (const answer of answers) expect(answer).toMatchObject({ ok: false });
  expect(server.logHub.stats().streams).toBe(0);
});
