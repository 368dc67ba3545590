/** The hub, with agents that a test makes up and kills. */
import type { LogEntry, LogMark } from '@innkeeper/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../../../../test/support/wait-until.ts';
import { cpuMs } from '../../../../../test/support/cpu-ms.ts';
import { makeConnectGate } from '../../pull/connect-gate.ts';
import { makeFakeVms, makeVm, vmId } from '../../push/testing/fake-fleet.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { LogLimits } from '../limits.ts';
import {
  FIRST_LINE_AT,
  lineOf,
  sseOf,
  startFakeAgent,
  type FakeAgent,
} from '../testing/fake-agent.ts';
import type { HubState } from './log-hub.ts';
import { makeLogHub } from './make-log-hub.ts';

const start = async (limits: Partial<LogLimits> = {}) => {
  const agent = await startFakeAgent();
  const vm = makeVm(1, { guestIp: agent.host, agentPort: agent.port, enrolledAt: 1 });
  const vms = makeFakeVms([vm]);
  const pulls = new Set<(vmId: string, hasAnswered: boolean) => void>();
  const offsets: number[] = [];
  const keys = { areThere: true };
  const hub = makeLogHub({
    vms,
    onPulled: (listener) => {
      pulls.add(listener);
      return () => pulls.delete(listener);
    },
    mintToken: ({ audience, scope, clockOffsetSeconds }) => {
      if (!keys.areThere) throw new Error('no key');
      offsets.push(clockOffsetSeconds);
      return `${scope}-for-${audience}-${clockOffsetSeconds}`;
    },
    gate: makeConnectGate({ connecting: 4 }),
    random: () => 1,
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    cpuMs,
    limits: { retryMs: 10, maxRetryMs: 100, lingerMs: 20, ...limits },
  });
  onTestFinished(async () => {
    await hub.stop();
    await agent.stop();
    expect(hub.stats()).toMatchObject({ streams: 0, listeners: 0, bytes: 0 });
    expect([vms.listeners(), pulls.size]).toStrictEqual([0, 0]);
  });
  const pulled = (hasAnswered: boolean): void => {
    for (const listener of pulls) listener(vm.id, hasAnswered);
  };
  return { agent, vm, vms, hub, pulled, offsets, keys };
};

type Hub = Awaited<ReturnType<typeof start>>['hub'];

/** Reads everything at once. */
const listen = (hub: Hub, vm: VmRecord, resumeAfter?: string, notBefore?: number) => {
  const entries: LogEntry[] = [];
  const states: HubState[] = [];
  let dropped = 0;
  let position = 0;
  const membership = hub.join(
    vm,
    undefined,
    {
      arrived: () => {
        const read = stream.read(position, 1_000_000);
        entries.push(...read.entries);
        ({ through: position } = read);
        dropped += read.dropped;
      },
      changed: (state) => states.push(state),
    },
    resumeAfter,
    notBefore,
  );
  const { stream } = membership;
  return {
    stream,
    leave: () => membership.leave(),
    states,
    entries,
    dropped: () => dropped,
    messages: () => entries.flatMap((entry) => ('message' in entry ? entry.message : [])),
    marks: (): LogMark[] => entries.flatMap((entry) => ('mark' in entry ? entry : [])),
  };
};

const fill = (agent: FakeAgent, count: number): void => {
  agent.log(...Array.from({ length: count }, () => ({})));
};
const numbered = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `line ${from + index}`);

describe('a stream that is lost', () => {
  test('is taken up after its last line, and says so', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 3);
    const viewer = listen(hub, vm);
    await waitUntil('they are there', () => viewer.messages().length === 3);
    for (let round = 0; round < 3; round += 1) {
      agent.cut();
      fill(agent, 2);
      await waitUntil('the rest', () => viewer.messages().length === 5 + 2 * round);
    }
    expect(viewer.messages()).toStrictEqual(numbered(9));
    expect(viewer.marks()).toMatchObject([1, 2, 3].map(() => ({ mark: 'resumed', count: 0 })));
    expect(viewer.entries.map(({ seq }) => seq)).toStrictEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    expect(agent.requests.map(({ lastEventId }) => lastEventId)).toStrictEqual([
      undefined,
      's=3',
      's=5',
      's=7',
    ]);
    expect(viewer.states.map(({ state }) => state).slice(0, 3)).toStrictEqual([
      'live',
      'reconnecting',
      'reconnecting',
    ]);
    expect(viewer.states[1]?.retryAt).toBeGreaterThan(0);
    expect(viewer.states[1]?.failure?.kind).toBe('unreachable');
    expect(hub.stats()).toMatchObject({ reconnects: 3, lines: 9, dropped: 0 });
  });

  test('says how many lines are missing where the agent does', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 1);
    const viewer = listen(hub, vm);
    await waitUntil('it is there', () => viewer.messages().length === 1);
    agent.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: dropped\ndata: {"count":12,"reason":"vacuumed"}\n\n');
      response.write(sseOf(lineOf(14)));
    });
    agent.cut();
    await waitUntil('the next', () => viewer.messages().length === 2);
    expect(viewer.marks()).toMatchObject([{ mark: 'resumed', count: 12, reason: 'vacuumed' }]);
    agent.answerWith(undefined);
  });

  test('does not show again what comes twice', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 50);
    const viewer = listen(hub, vm);
    await waitUntil('they are there', () => viewer.messages().length === 50);
    agent.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // As if it had never heard of Last-Event-ID.
      for (let number = 30; number <= 60; number += 1) response.write(sseOf(lineOf(number)));
    });
    agent.cut();
    await waitUntil('the rest', () => viewer.messages().length === 60);
    expect(viewer.messages()).toStrictEqual(numbered(60));
    expect(hub.stats().repeated).toBe(21);
    agent.answerWith(undefined);
  });

  test('begins with the last lines where the agent does not know its cursor', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 3);
    const viewer = listen(hub, vm);
    await waitUntil('they are there', () => viewer.messages().length === 3);
    let refusals = 0;
    agent.answerWith((request, response) => {
      if (request.headers['last-event-id'] === undefined) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(sseOf(lineOf(3)) + sseOf(lineOf(4)));
        return;
      }
      refusals += 1;
      response.writeHead(422);
      response.end();
    });
    agent.cut();
    await waitUntil('the rest', () => viewer.messages().length === 4);
    expect(viewer.messages()).toStrictEqual(numbered(4));
    expect(viewer.marks()).toMatchObject([{ mark: 'resumed', count: null }]);
    expect(refusals).toBe(1);
    agent.answerWith(undefined);
  });

  test('is lost too where nothing comes any more, or the agent says that it ends', async () => {
    const { agent, hub, vm } = await start({ silenceMs: 60 });
    const viewer = listen(hub, vm);
    const failures = () => viewer.states.flatMap(({ failure }) => failure ?? []);
    await waitUntil('silence counts', () => failures().length > 0);
    expect(failures()[0]?.kind).toBe('timeout');
    agent.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(':\n\nevent: end\ndata: {"reason":"stopping"}\n\n');
    });
    await waitUntil('the end counts', () =>
      failures().some(({ message }) => message.includes('is stopping')),
    );
    expect(viewer.states.at(-1)?.state).not.toBe('refused');
  });

  test('is tried again also where the manager itself could not ask', async () => {
    const { agent, hub, vm, keys } = await start();
    keys.areThere = false;
    fill(agent, 1);
    const viewer = listen(hub, vm);
    await waitUntil('it is told', () => viewer.stream.state().failure !== undefined);
    expect(viewer.stream.state().failure?.message).toContain('no key');
    keys.areThere = true;
    await waitUntil('the line', () => viewer.messages().length === 1);
  });

  test('is given up soon where the agent does not answer pulls either', async () => {
    const { agent, hub, vm, pulled } = await start({ doubtMs: 30 });
    fill(agent, 1);
    const viewer = listen(hub, vm);
    await waitUntil('the line', () => viewer.messages().length === 1);
    pulled(false);
    await waitUntil('it is lost', () => viewer.states.some(({ failure }) => failure !== undefined));
    const lost = viewer.states.find(({ failure }) => failure !== undefined);
    expect(lost?.failure).toMatchObject({ kind: 'timeout' });
    expect(lost?.failure?.message).toContain('answers nothing else');
    fill(agent, 1);
    await waitUntil('the next line', () => viewer.messages().length === 2);
    expect(viewer.marks()).toMatchObject([{ mark: 'resumed', count: 0 }]);
  });

  test.each([
    ['the agent answers pulls again', (pulled: (hasAnswered: boolean) => void) => pulled(true)],
    ['something comes', (_: unknown, agent: FakeAgent) => fill(agent, 1)],
  ])('is not in doubt any more when %s', async (_, trust) => {
    const { agent, hub, vm, pulled } = await start({ doubtMs: 600_000, silenceMs: 100 });
    const viewer = listen(hub, vm);
    await waitUntil('it is live', () => viewer.states.at(-1)?.state === 'live');
    pulled(false);
    trust(pulled, agent);
    await waitUntil('it is lost', () => viewer.states.some(({ failure }) => failure !== undefined));
    const lost = viewer.states.find(({ failure }) => failure !== undefined);
    expect(lost?.failure?.message).toContain('nothing came for 0.1 s');
  });

  test('is asked for at once when the agent answers pulls again', async () => {
    const slow = { retryMs: 60_000, maxRetryMs: 60_000, minRetryMs: 0 };
    const { agent, hub, vm, pulled } = await start(slow);
    const viewer = listen(hub, vm);
    await waitUntil('it is live', () => viewer.states.at(-1)?.state === 'live');
    agent.cut();
    await waitUntil('it is lost', () => viewer.states.at(-1)?.state === 'reconnecting');
    // It has answered all the time: that says nothing about its logs.
    pulled(true);
    expect(agent.requests).toHaveLength(1);
    pulled(false);
    pulled(true);
    await waitUntil('it is live again', () => viewer.states.at(-1)?.state === 'live');
    expect(agent.requests).toHaveLength(2);
  });
});

describe('a place that a client has brought', () => {
  test('is where the stream begins', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 2_000);
    const viewer = listen(hub, vm, 's=500', FIRST_LINE_AT + 501);
    await waitUntil('they are there', () => viewer.messages().length === 1_500);
    expect(viewer.messages()).toStrictEqual(numbered(1_500, 501));
    expect(viewer.marks()).toStrictEqual([]);
    expect(viewer.stream.find('s=500')).toBe(0);
  });

  test('is not, where the lines behind it are older than it may be', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 2_000);
    const viewer = listen(hub, vm, 's=500', FIRST_LINE_AT + 502);
    await waitUntil('the last lines are there', () => viewer.messages().includes('line 2000'));
    expect(viewer.messages()).toStrictEqual(numbered(1_000, 1_001));
    expect(viewer.marks()).toMatchObject([{ mark: 'resumed', count: null }]);
    expect(viewer.stream.find('s=500')).toBeUndefined();
    expect(agent.requests.map(({ lastEventId }) => lastEventId)).toStrictEqual([
      's=500',
      undefined,
    ]);
    agent.cut();
    fill(agent, 1);
    await waitUntil('it goes on', () => viewer.messages().length === 1_001);
    expect(agent.requests.at(-1)?.lastEventId).toBe('s=2000');
  });
});

describe('an agent that refuses', () => {
  test.each([
    [403, 'unauthorized'],
    [404, 'http'],
    [429, 'http'],
    [503, 'http'],
  ] as const)('with %i is asked again much later, or when its VM changes', async (status, kind) => {
    const { agent, hub, vm, vms } = await start();
    agent.answerWith((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"why","message":"because\\u001b[2J of this"}}');
    });
    const viewer = listen(hub, vm);
    await waitUntil('it is told', () => viewer.states.at(-1)?.state === 'refused');
    const state = viewer.stream.state();
    expect(state.failure?.kind).toBe(kind);
    expect(state.failure?.message).toContain('why: because [2J of this');
    expect((state.retryAt ?? 0) - Date.now()).toBeGreaterThan(5_000);
    agent.answerWith(undefined);
    fill(agent, 1);
    vms.change(vmId(1), { enrolledAt: 2 });
    await waitUntil('the line', () => viewer.messages().length === 1);
  });

  test('is asked by its own clock where that is far off', async () => {
    const { agent, hub, vm, offsets } = await start();
    agent.answerWith((request, response) => {
      const isByTheirs = request.headers.authorization?.endsWith('-3600') === true;
      if (isByTheirs) agent.answerWith(undefined);
      response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
      response.writeHead(isByTheirs ? 200 : 401, { 'content-type': 'text/event-stream' });
      response.write(isByTheirs ? sseOf(lineOf(1)) : '');
      if (!isByTheirs) response.end();
    });
    const viewer = listen(hub, vm);
    await waitUntil('the line', () => viewer.messages().length === 1);
    expect(offsets[0]).toBe(0);
    expect(Math.abs((offsets[1] ?? 0) + 3_600)).toBeLessThanOrEqual(1);
    expect(agent.requests).toHaveLength(2);
  });
});

describe('a VM', () => {
  test('that moves is listened to at its new place, after its last line', async () => {
    const { agent, hub, vm, vms } = await start();
    const second = await startFakeAgent();
    onTestFinished(async () => second.stop());
    fill(agent, 2);
    fill(second, 5);
    const viewer = listen(hub, vm);
    await waitUntil('it is live', () => viewer.messages().length === 2);
    vms.change(vm.id, { agentPort: second.port });
    await waitUntil('the rest', () => viewer.messages().length === 5);
    expect(viewer.messages()).toStrictEqual(numbered(5));
    await waitUntil('the old one is left', () => agent.open() === 0);
    expect(second.requests[0]?.lastEventId).toBe('s=2');
  });

  test('is listened to where it is now, whatever its listener knew', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 1);
    const viewer = listen(hub, { ...vm, guestIp: undefined });
    await waitUntil('the line', () => viewer.messages().length === 1);
    expect(viewer.stream.state()).toMatchObject({ state: 'live' });
  });

  test('without an address waits for one', async () => {
    const { agent, hub, vm, vms } = await start();
    vms.change(vm.id, { guestIp: undefined });
    const viewer = listen(hub, { ...vm, guestIp: undefined });
    expect(viewer.stream.state()).toMatchObject({
      state: 'refused',
      retryAt: undefined,
      failure: { kind: 'no_guest_ip' },
    });
    hub.retryNow(vm.id);
    fill(agent, 1);
    vms.change(vm.id, { guestIp: agent.host });
    await waitUntil('the line', () => viewer.messages().length === 1);
  });

  test('that is deleted is listened to no more', async () => {
    const { agent, hub, vm, vms } = await start();
    const viewer = listen(hub, vm);
    await waitUntil('it is live', () => agent.open() === 1);
    vms.remove(vm.id);
    await waitUntil('it is left', () => agent.open() === 0);
    expect(hub.stats()).toMatchObject({ streams: 0, bytes: 0 });
    viewer.leave();
  });

  test('that starts again says so once for each boot', async () => {
    const { agent, hub, vm } = await start();
    const of = (boot: string, number: number): { cursor: string } => ({
      cursor: `s=1;i=${number};b=${boot.repeat(32)};m=1;t=1;x=1`,
    });
    const viewer = listen(hub, vm);
    await waitUntil('it is live', () => agent.open() === 1);
    agent.log(of('a', 1), of('a', 2), of('b', 3), of('a', 4), of('b', 5), of('c', 6));
    await waitUntil('all are there', () => viewer.messages().length === 6);
    expect(viewer.marks().map(({ mark, seq }) => [mark, seq])).toStrictEqual([
      ['rebooted', 3],
      ['rebooted', 7],
    ]);
  });
});

describe('how often an agent looks', () => {
  const patient = { isPatient: true, arrived: () => {}, changed: () => {} };
  const paces = ({ requests }: FakeAgent): (string | null)[] =>
    requests.map(({ query }) => query.get('pace'));

  test('is as rare as it may be while only patient ones listen, and no line is lost or told twice', async () => {
    const { agent, hub, vm } = await start({ hotMs: 5, patientAfterMs: 20, patientPaceMs: 250 });
    fill(agent, 3);
    hub.join(vm, undefined, patient);
    await waitUntil('it is asked', () => agent.open() === 1);
    expect(paces(agent)).toStrictEqual(['250']);
    const ROUNDS = 5;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const viewer = listen(hub, vm);
      fill(agent, 2);
      await waitUntil('a fast stream', () => agent.requests.length === 2 * round);
      fill(agent, 2);
      await waitUntil('the lines', () => viewer.stream.newest() === 5 * round + 2);
      viewer.leave();
      fill(agent, 1);
      await waitUntil('a slow one', () => agent.requests.length === 2 * round + 1);
    }
    expect(paces(agent)).toStrictEqual([
      '250',
      ...Array.from({ length: ROUNDS }, () => [null, '250']).flat(),
    ]);
    const { stream } = hub.join(vm, undefined, patient);
    await waitUntil('all lines', () => stream.newest() === 5 * ROUNDS + 3);
    const { entries } = stream.read(0, 1_000);
    expect(entries.map((entry) => ('message' in entry ? entry.message : entry.mark))).toEqual(
      numbered(5 * ROUNDS + 3),
    );
    expect(agent.open()).toBe(1);
    expect(hub.stats()).toMatchObject({ reconnects: 0, repeated: 0, dropped: 0 });
  });

  test('is as often as it can for a viewer, from the first on', async () => {
    const { agent, hub, vm } = await start();
    const viewer = listen(hub, vm);
    hub.join(vm, undefined, patient);
    await waitUntil('it is asked', () => agent.open() === 1);
    expect(paces(agent)).toStrictEqual([null]);
    expect(viewer.states.map(({ state }) => state)).toStrictEqual(['live']);
  });

  test('is not asked of an agent that is too old for it', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 2);
    agent.answerWith((_request, response) => {
      const message = 'unknown parameter "pace"; /logs takes follow, tail';
      response.writeHead(422, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'invalid', message } }));
      agent.answerWith(undefined);
    });
    const { stream } = hub.join(vm, undefined, patient);
    await waitUntil('its lines', () => stream.newest() === 2);
    expect(paces(agent)).toStrictEqual(['250', null]);
    listen(hub, vm);
    agent.cut();
    await waitUntil('it is asked again', () => agent.requests.length === 3);
    expect(paces(agent)).toStrictEqual(['250', null, null]);
  });

  test('a stream that cannot be opened at another pace is one that was lost', async () => {
    const { agent, hub, vm } = await start();
    fill(agent, 2);
    hub.join(vm, undefined, patient);
    await waitUntil('it is asked', () => agent.open() === 1);
    agent.answerWith((_request, response) => {
      agent.answerWith(undefined);
      response.writeHead(429).end();
    });
    const viewer = listen(hub, vm);
    await waitUntil('it is live again', () => agent.requests.length === 3 && agent.open() === 1);
    fill(agent, 1);
    await waitUntil('the line', () => viewer.messages().includes('line 3'));
    expect(viewer.states.map(({ state }) => state)).toContain('reconnecting');
    expect(viewer.marks()).toMatchObject([{ mark: 'resumed', count: 0 }]);
  });
});

describe('a hostile guest', () => {
  test('cannot end the stream by what it writes; it is told once', async () => {
    const { agent, hub, vm } = await start({ maxEventBytes: 10_000 });
    const viewer = listen(hub, vm);
    await waitUntil('it is live', () => agent.open() === 1);
    agent.raw('event: log\ndata: {\n\n'.repeat(100));
    agent.raw(
      'event: dropped\ndata: {"count":-1}\n\nevent: end\ndata: 7\n\nevent: odd\ndata: 7\n\n',
    );
    agent.raw(`event: log\ndata: ${'x'.repeat(50_000)}\n\n`);
    fill(agent, 1);
    await waitUntil('the line', () => viewer.messages().length === 1);
    expect(viewer.marks()).toMatchObject([{ mark: 'lost', count: null }]);
    expect(hub.stats()).toMatchObject({ bad: 103, lines: 1, reconnects: 0 });
  });

  test('is read no faster than it may write', async () => {
    const { agent, hub, vm } = await start({ bytesPerSecond: 1_000_000 });
    const viewer = listen(hub, vm);
    await waitUntil('it is live', () => agent.open() === 1);
    const startedMs = performance.now();
    agent.raw(sseOf(lineOf(1, 'x'.repeat(1_000))).repeat(1_000));
    agent.log('the last');
    await waitUntil('all has come', () => viewer.messages().includes('the last'));
    // A megabyte and more; the first tenth of a second is free.
    expect(performance.now() - startedMs).toBeGreaterThan(500);
  });

  test('that answers something else is refused', async () => {
    const { agent, hub, vm } = await start();
    agent.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<h1>hello</h1>');
    });
    const viewer = listen(hub, vm);
    await waitUntil('it is told', () => viewer.states.length > 0);
    expect(viewer.stream.state()).toMatchObject({ failure: { kind: 'malformed' } });
  });
});

test('of one VM there are so many streams, and always room for what it has by itself', async () => {
  const { hub, vm } = await start({ maxStreamsPerVm: 3 });
  const listener = { arrived: () => {}, changed: () => {} };
  for (const source of ['kmsg', 'agent'] as const) {
    expect(hub.hasRoom(vm.id, source)).toBe(true);
    hub.join(vm, source, listener);
  }
  expect(hub.hasRoom(vm.id, 'kmsg')).toBe(true);
  expect(hub.hasRoom(vm.id, 'file:/var/log/a')).toBe(false);
  expect(hub.hasRoom(vm.id, undefined)).toBe(true);
  hub.join(vm, undefined, listener);
  expect(hub.hasRoom(vm.id, undefined)).toBe(true);
  expect(hub.hasRoom(vmId(2), 'file:/var/log/a')).toBe(true);
});

describe('what is held', () => {
  test('is a thousand lines, more while a listener is behind, and no more than its limit', async () => {
    const { agent, hub, vm } = await start({ ringEntries: 10, backlogEntries: 100 });
    const viewer = listen(hub, vm);
    const behind = hub.join(vm, undefined, { arrived: () => {}, changed: () => {} });
    await waitUntil('it is live', () => agent.open() === 1);
    fill(agent, 60);
    await waitUntil('all are there', () => viewer.messages().length === 60);
    expect(behind.stream.oldest()).toBe(1);
    fill(agent, 200);
    await waitUntil('all are there', () => viewer.messages().length === 260);
    expect(behind.stream.newest() - behind.stream.oldest()).toBe(99);
    const read = behind.stream.read(0, 1_000);
    expect(read).toMatchObject({ dropped: 160, through: 260 });
    expect(hub.stats().dropped).toBe(160);
    fill(agent, 1);
    await waitUntil('the next', () => viewer.messages().length === 261);
    behind.leave();
    fill(agent, 1);
    await waitUntil('the next', () => viewer.messages().length === 262);
    expect(viewer.stream.newest() - viewer.stream.oldest()).toBe(9);
    expect(viewer.dropped()).toBe(0);
    expect(hub.held(vm.id, undefined)).toHaveLength(10);
    expect(hub.held(vm.id, 'kmsg')).toBeUndefined();
  });

  test('of all together is no more than its limit, at the cost of the largest', async () => {
    const { agent, hub, vm, vms } = await start({ totalBytes: 200_000 });
    const other = { ...vm, id: vmId(2), key: 2 };
    vms.add(other);
    fill(agent, 20);
    const small = listen(hub, other);
    await waitUntil('it is there', () => small.messages().length === 20);
    small.leave();
    const [kept] = [hub.join(other, undefined, { arrived: () => {}, changed: () => {} })];
    const large = listen(hub, vm);
    await waitUntil('both are live', () => agent.open() === 2);
    for (let round = 0; round < 20; round += 1) fill(agent, 100);
    await waitUntil('all are there', () => large.stream.newest() === 2_020);
    expect(hub.stats().bytes).toBeLessThanOrEqual(200_000);
    expect(hub.stats().dropped).toBeGreaterThan(0);
    expect(large.messages().length + large.dropped()).toBe(2_020);
    kept.leave();
  });

  test('outlives a page that is left and opened again', async () => {
    const { agent, hub, vm } = await start({ lingerMs: 10_000 });
    fill(agent, 3);
    const first = listen(hub, vm);
    await waitUntil('they are there', () => first.messages().length === 3);
    first.leave();
    first.leave();
    const second = hub.join(vm, undefined, { arrived: () => {}, changed: () => {} });
    expect(second.stream.epoch).toBe(first.stream.epoch);
    expect(second.stream.read(0, 10).entries).toHaveLength(3);
    expect(agent.requests).toHaveLength(1);
    second.leave();
  });
});
