import { describe, expect, it } from 'vitest';
import { nodeText } from '../../platform/node/text.ts';
import { makeFakeClock, START_MS } from '../../testing/fake-clock.ts';
import {
  makeFakeUnixServers,
  type FakeServer,
  type FakeSession,
} from '../../testing/fake-unix-servers.ts';
import { settled } from '../../testing/settled.ts';
import { makeQmpSource, type QmpPart } from './qmp-source.ts';

const PATH = '/run/vm/qmp.sock';
const GREETING = '{"QMP": {"version": {}, "capabilities": ["oob"]}}\r\n';

const answerTo = (command: string): object => {
  switch (command) {
    case 'qmp_capabilities':
      return { return: {} };
    case 'query-status':
      return { return: { status: 'paused', running: false } };
    case 'query-blockstats':
      return {
        return: [
          {
            device: 'root',
            stats: { rd_bytes: 1, rd_operations: 2, wr_bytes: 3, wr_operations: 4 },
          },
        ],
      };
    default:
      return { error: { class: 'DeviceNotActive', desc: 'No balloon device has been activated' } };
  }
};

const VALUES: QmpPart = {
  ok: true,
  status: 'paused',
  running: false,
  block: [
    {
      device: 'root',
      read_bytes_total: 1,
      reads_completed_total: 2,
      written_bytes_total: 3,
      writes_completed_total: 4,
    },
  ],
  balloon_bytes: null,
};

const answerAll = (session: FakeSession, text: string): void => {
  for (const line of text.trim().split('\n')) {
    const question: unknown = JSON.parse(line);
    if (typeof question !== 'object' || question === null) throw new Error(line);
    if (!('execute' in question) || !('id' in question)) throw new Error(line);
    const answer = answerTo(String(question.execute));
    session.send(`${JSON.stringify({ ...answer, id: question.id })}\r\n`);
  }
};

const qemu = (): FakeServer => ({
  connected: (session) => session.send(GREETING),
  received: answerAll,
});

const setUp = (server: FakeServer | undefined) => {
  const clock = makeFakeClock();
  const network = makeFakeUnixServers(clock);
  if (server !== undefined) network.serve(PATH, server);
  const source = makeQmpSource({ network, clock, text: nodeText }, { path: PATH });
  /** As one call does, with its time. */
  const read = async () => {
    const startedMs = clock.monotonicMs();
    let part: QmpPart | undefined;
    void source.read().then((value) => {
      part = value;
    });
    await settled();
    while (part === undefined) {
      if (clock.monotonicMs() - startedMs > 10_000) throw new Error('no end');
      clock.advance(50);
      await settled();
    }
    return { part, tookMs: clock.monotonicMs() - startedMs };
  };
  return { clock, network, source, read };
};

describe('makeQmpSource', () => {
  it('asks over one connection that it keeps', async () => {
    const { clock, network, source, read } = setUp(qemu());
    for (let count = 0; count < 3; count += 1) {
      expect(await read()).toEqual({ part: VALUES, tookMs: 0 });
    }
    const sessions = network.sessions(PATH);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.received().match(/query-status/gu)).toHaveLength(3);
    expect(clock.pendingTimers()).toBe(0);
    source.stop();
    expect(network.openCount()).toBe(0);
  });

  it('shares one round between all who ask at the same time', async () => {
    const { network, source } = setUp(qemu());
    const parts = await Promise.all([source.read(), source.read(), source.read()]);
    expect(parts).toEqual([VALUES, VALUES, VALUES]);
    expect(
      network
        .sessions(PATH)[0]
        ?.received()
        .match(/query-status/gu),
    ).toHaveLength(1);
    source.stop();
  });

  it.each([
    ['ENOENT', 'absent', 'the socket does not exist'],
    ['EACCES', 'forbidden', 'needs write permission on it, or CAP_DAC_OVERRIDE'],
    ['ECONNREFUSED', 'unreachable', 'connect ECONNREFUSED'],
    [
      'EAGAIN',
      'timeout',
      'not connected: the process is stopped, or another client holds the monitor, which takes one at a time',
    ],
  ])('says why it cannot connect: %s', async (code, reason, message) => {
    const { network, read } = setUp(undefined);
    network.refuse(PATH, code);
    expect(await read()).toEqual({
      tookMs: 0,
      part: { ok: false, reason, message: `${PATH}: ${message}`, retry_at: START_MS + 1000 },
    });
  });

  it('goes away from a monitor that somebody else holds, and says so', async () => {
    const { clock, network, read } = setUp({});
    const { part, tookMs } = await read();
    expect(tookMs).toBe(300);
    expect(part).toEqual({
      ok: false,
      reason: 'timeout',
      message:
        `${PATH}: no greeting within 300 ms: the process is stopped, or another client holds ` +
        'the monitor, which takes one at a time',
      retry_at: START_MS + 1300,
    });
    expect(network.openCount()).toBe(0);
    expect(await read()).toEqual({ part, tookMs: 0 });
    expect(clock.pendingTimers()).toBe(0);
    network.serve(PATH, qemu());
    clock.advance(1000);
    expect((await read()).part).toEqual(VALUES);
  });

  it('pays one deadline for a monitor that hangs, then ever fewer', async () => {
    const { clock, network, read } = setUp({
      connected: (session) => session.send(GREETING),
    });
    expect((await read()).tookMs).toBe(300);
    let paid = 0;
    for (let second = 0; second < 120; second += 1) {
      clock.advance(1000);
      const { part, tookMs } = await read();
      expect(part).toMatchObject({ ok: false, reason: 'timeout' });
      expect(part).toHaveProperty('retry_at');
      if (tookMs > 0) paid += 1;
    }
    expect(paid).toBeLessThan(10);
    expect(network.sessions(PATH)).toHaveLength(1);
  });

  it('takes the answers of a monitor that goes on, without asking twice', async () => {
    let isStopped = false;
    const asked: (() => void)[] = [];
    const { clock, network, source, read } = setUp({
      connected: (session) => session.send(GREETING),
      received: (session, text) => {
        if (isStopped) asked.push(() => answerAll(session, text));
        else answerAll(session, text);
      },
    });
    await read();
    isStopped = true;
    expect((await read()).tookMs).toBe(300);
    clock.advance(1000);
    const waiting = source.read();
    await settled();
    clock.advance(100);
    isStopped = false;
    for (const answer of asked) answer();
    expect(await waiting).toEqual(VALUES);
    const session = network.sessions(PATH)[0];
    expect(session?.received().match(/query-status/gu)).toHaveLength(2);
    expect((await read()).part).toEqual(VALUES);
    expect(session?.received().match(/query-status/gu)).toHaveLength(3);
    expect(network.sessions(PATH)).toHaveLength(1);
  });

  it('asks again at once when late answers came while nobody waited', async () => {
    let isStopped = false;
    const asked: (() => void)[] = [];
    const { read } = setUp({
      connected: (session) => session.send(GREETING),
      received: (session, text) => {
        if (isStopped) asked.push(() => answerAll(session, text));
        else answerAll(session, text);
      },
    });
    isStopped = true;
    expect((await read()).part.ok).toBe(false);
    isStopped = false;
    // The negotiation: from here on it is alive.
    for (const answer of asked) answer();
    await settled();
    expect(await read()).toEqual({ part: VALUES, tookMs: 0 });
  });

  it('connects anew when the VM was started anew', async () => {
    const { network, read } = setUp(qemu());
    await read();
    network.sessions(PATH)[0]?.close();
    await settled();
    expect((await read()).part).toEqual(VALUES);
    expect(network.sessions(PATH)).toHaveLength(2);
  });

  it('asks a machine without a balloon for it every 30 seconds, and a new one at once', async () => {
    let asked = 0;
    const { clock, network, read } = setUp({
      connected: (session) => session.send(GREETING),
      received: (session, text) => {
        if (text.includes('query-balloon')) asked += 1;
        answerAll(session, text);
      },
    });
    const askedAfter = async (ms: number): Promise<number> => {
      clock.advance(ms);
      expect((await read()).part).toEqual(VALUES);
      return asked;
    };
    expect(await askedAfter(0)).toBe(1);
    expect(await askedAfter(29_000)).toBe(1);
    expect(await askedAfter(1_000)).toBe(2);
    network.sessions(PATH)[0]?.close();
    await settled();
    expect(await askedAfter(0)).toBe(3);
  });

  it('says at once that the VM ended while it was asked', async () => {
    const { read } = setUp({
      connected: (session) => session.send(GREETING),
      received: (session, text) => {
        if (text.includes('query-balloon')) session.close();
        else answerAll(session, text);
      },
    });
    expect(await read()).toMatchObject({
      tookMs: 0,
      part: { ok: false, reason: 'unreachable', message: `${PATH}: QEMU closed the monitor` },
    });
  });

  it.each([
    ['speaks no QMP', 'SSH-2.0\r\n', 'the first line is no greeting'],
    ['floods', GREETING + 'x\n'.repeat(1000), 'more than 64 unknown lines'],
    [
      'sends a huge line',
      GREETING + 'x'.repeat(4_200_000),
      'more than 4194304 bytes without being asked',
    ],
  ])('hangs up on a server that %s', async (_, text, message) => {
    const { network, read } = setUp({ connected: (session) => session.send(text) });
    expect((await read()).part).toMatchObject({
      reason: 'malformed',
      message: `${PATH}: ${message}`,
    });
    expect(network.openCount()).toBe(0);
    expect((await read()).part).toMatchObject({ reason: 'malformed' });
    expect(network.sessions(PATH)).toHaveLength(1);
  });

  it('passes on what QEMU says that it cannot do, cleaned', async () => {
    const { read } = setUp({
      connected: (session) => session.send(GREETING),
      received: (session, text) => {
        const id = /"query-blockstats","id":(?<id>\d+)/u.exec(text)?.groups?.['id'];
        if (id !== undefined) {
          session.send(`{"error": {"class": "X", "desc": "no\\u001b[31m"}, "id": ${id}}\r\n`);
        }
        answerAll(session, text);
      },
    });
    expect((await read()).part).toEqual({
      ok: false,
      reason: 'malformed',
      message: `${PATH}: query-blockstats: no?[31m`,
    });
  });

  it.each(['before it is connected', 'while it waits', 'between two reads'])(
    'stops %s, and leaves nobody waiting',
    async (when) => {
      const { clock, network, source } = setUp(when === 'between two reads' ? qemu() : {});
      const reading = source.read();
      if (when !== 'before it is connected') await settled();
      source.stop();
      const part = await reading;
      if (when !== 'between two reads') expect(part).toMatchObject({ reason: 'unreachable' });
      expect(await source.read()).toMatchObject({ ok: false, reason: 'unreachable' });
      await settled();
      expect(network.openCount()).toBe(0);
      expect(clock.pendingTimers()).toBe(0);
    },
  );
});
