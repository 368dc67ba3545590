import { describe, expect, it } from 'vitest';
import { nodeText } from '../../platform/node/text.ts';
import { makeFakeClock } from '../../testing/fake-clock.ts';
import { makeFakeUnixServers, type FakeServer } from '../../testing/fake-unix-servers.ts';
import { settled } from '../../testing/settled.ts';
import { missing } from '../missing-part.ts';
import type { Located } from '../paths/vmm-paths.ts';
import { makeFlushClient } from './flush-client.ts';

const PATH = '/run/vm/api.socket';
const DONE = 'HTTP/1.1 204 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n';
const BODY = '{"fault_message":"not yet"}';
const FAULT = `HTTP/1.1 400 \r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const setUp = (server: FakeServer | undefined) => {
  const clock = makeFakeClock();
  const network = makeFakeUnixServers(clock);
  if (server !== undefined) network.serve(PATH, server);
  let flushed = 0;
  let located: Located = { ok: true, path: PATH };
  const locate = (): Located => located;
  const client = makeFlushClient({ network, clock, text: nodeText }, locate, () => {
    flushed += 1;
  });
  const move = (to: Located): void => {
    located = to;
  };
  const flush = async () => {
    client.flush();
    await settled();
    return client.lastOutcome();
  };
  return { clock, network, client, flush, flushed: () => flushed, move };
};

const answering = (text: string): FakeServer => ({
  received: (session) => session.send(text),
});

describe('makeFlushClient', () => {
  it('asks Firecracker to flush, over one connection that it keeps', async () => {
    const { clock, network, client, flush, flushed } = setUp(answering(DONE));
    expect(await flush()).toEqual({ ok: true });
    expect(await flush()).toEqual({ ok: true });
    expect(flushed()).toBe(2);
    const sessions = network.sessions(PATH);
    expect(sessions).toHaveLength(1);
    const request =
      'PUT /actions HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n' +
      'Content-Type: application/json\r\nContent-Length: 30\r\n\r\n{"action_type":"FlushMetrics"}';
    expect(sessions[0]?.received()).toBe(request + request);
    expect(client.counts()).toEqual({ flushes: 2, failures: 0 });
    client.stop();
    expect(network.openCount()).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('reads an answer that comes byte by byte', async () => {
    const { flush } = setUp({
      received: (session) => {
        for (const character of DONE) session.send(character);
      },
    });
    expect(await flush()).toEqual({ ok: true });
  });

  it('keeps why Firecracker refused, and asks again soon', async () => {
    const { clock, client, flush, flushed } = setUp(answering(FAULT));
    expect(await flush()).toEqual({ ok: false, reason: 'refused', message: `${PATH}: not yet` });
    await flush();
    expect(client.counts()).toEqual({ flushes: 0, failures: 1 });
    for (const delay of [1000, 2000, 4000, 5000, 5000]) {
      clock.advance(delay - 1);
      const { failures } = client.counts();
      await flush();
      expect(client.counts().failures).toBe(failures);
      clock.advance(1);
      await flush();
      expect(client.counts().failures).toBe(failures + 1);
    }
    expect(flushed()).toBe(0);
  });

  it.each([
    ['ENOENT', 'unreachable', `${PATH}: connect ENOENT`],
    ['ECONNREFUSED', 'unreachable', `${PATH}: connect ECONNREFUSED`],
    ['EACCES', 'forbidden', `${PATH}: needs write permission on it, or CAP_DAC_OVERRIDE`],
  ])('says that it cannot connect: %s', async (code, reason, message) => {
    const { network, flush } = setUp(undefined);
    network.refuse(PATH, code);
    expect(await flush()).toEqual({ ok: false, reason, message });
  });

  it('backs off from a socket that is not there, half a minute at most, and comes back', async () => {
    const { clock, network, client, flush } = setUp(undefined);
    await flush();
    for (const delay of [1, 2, 4, 8, 16, 30, 30]) {
      clock.advance(delay * 1000 - 1);
      const { failures } = client.counts();
      await flush();
      expect(client.counts().failures).toBe(failures);
      clock.advance(1);
      await flush();
      expect(client.counts().failures).toBe(failures + 1);
    }
    network.serve(PATH, answering(DONE));
    clock.advance(30_000);
    expect(await flush()).toEqual({ ok: true });
  });

  it('looks for the socket until it is there, and says why it is not', async () => {
    const { clock, network, client, flush, move } = setUp(answering(DONE));
    const why = missing('forbidden', '/x is not below /run (host_paths)');
    move(why);
    expect(await flush()).toEqual(why);
    move({ ok: true, path: PATH });
    expect(await flush()).toEqual(why);
    expect(network.sessions(PATH)).toHaveLength(0);
    clock.advance(1000);
    expect(await flush()).toEqual({ ok: true });
    expect(client.counts()).toEqual({ flushes: 1, failures: 1 });
  });

  it('looks again where the socket is when nobody answers', async () => {
    const { clock, network, flush, move } = setUp(undefined);
    network.refuse(PATH, 'ECONNREFUSED');
    await flush();
    network.serve('/run/vm/other.socket', answering(DONE));
    move({ ok: true, path: '/run/vm/other.socket' });
    clock.advance(1000);
    expect(await flush()).toEqual({ ok: true });
  });

  it('leaves what misses its deadline to be answered, and asks nothing meanwhile', async () => {
    const { clock, network, client, flush, flushed } = setUp({});
    client.flush();
    await settled();
    clock.advance(500);
    expect(client.lastOutcome()).toMatchObject({ ok: false, reason: 'timeout' });
    for (let count = 0; count < 10; count += 1) {
      clock.advance(60_000);
      await flush();
    }
    expect(client.counts()).toEqual({ flushes: 0, failures: 1 });
    const [session] = network.sessions(PATH);
    expect(session?.received().split('PUT')).toHaveLength(2);
    session?.send(DONE);
    expect(flushed()).toBe(1);
    expect(client.lastOutcome()).toEqual({ ok: true });
    network.serve(PATH, answering(DONE));
    client.flush();
    expect(session?.received().split('PUT')).toHaveLength(3);
  });

  it('has a deadline for connecting too', async () => {
    const { clock, network, client } = setUp(undefined);
    network.refuse(PATH, 'hang');
    client.flush();
    clock.advance(500);
    await settled();
    expect(client.lastOutcome()).toMatchObject({ ok: false, reason: 'timeout' });
    expect(client.counts().failures).toBe(1);
    clock.advance(1000);
    network.serve(PATH, answering(DONE));
    client.flush();
    await settled();
    expect(client.counts()).toEqual({ flushes: 1, failures: 1 });
  });

  it('connects anew when Firecracker has closed the connection between two requests', async () => {
    const { network, client, flush } = setUp(answering(DONE));
    await flush();
    network.sessions(PATH)[0]?.close();
    await settled();
    expect(await flush()).toEqual({ ok: true });
    expect(network.sessions(PATH)).toHaveLength(2);
    expect(client.counts()).toEqual({ flushes: 2, failures: 0 });
  });

  it('says that it was hung up on, and tries again later', async () => {
    const { clock, network, flush } = setUp({ received: (session) => session.close() });
    expect(await flush()).toEqual({
      ok: false,
      reason: 'unreachable',
      message: `${PATH}: closed before it answered`,
    });
    network.serve(PATH, answering(DONE));
    clock.advance(1000);
    expect(await flush()).toEqual({ ok: true });
  });

  it('hangs up on what speaks no HTTP, or speaks without being asked', async () => {
    const { clock, network, client, flush } = setUp(answering('SSH-2.0\r\n\r\n'));
    expect(await flush()).toMatchObject({ ok: false, reason: 'malformed' });
    expect(network.openCount()).toBe(0);
    network.serve(PATH, answering(DONE));
    clock.advance(1000);
    await flush();
    network.sessions(PATH).at(-1)?.send(DONE);
    expect(network.openCount()).toBe(0);
    expect(await flush()).toEqual({ ok: true });
    expect(client.counts()).toEqual({ flushes: 2, failures: 1 });
  });

  it('takes no more than 10 connections for a failure of its own', async () => {
    const full =
      'HTTP/1.1 503\r\nServer: Firecracker API\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
    const { network, flush } = setUp({
      connected: (session) => {
        session.send(full);
        session.close();
      },
    });
    expect(await flush()).toEqual({ ok: false, reason: 'refused', message: `${PATH}: status 503` });
    expect(network.openCount()).toBe(0);
  });

  it.each(['before it is connected', 'while it waits'])('stops %s', async (when) => {
    const { clock, network, client, flushed } = setUp({});
    client.flush();
    if (when === 'while it waits') await settled();
    client.stop();
    await settled();
    expect(network.openCount()).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
    expect(flushed()).toBe(0);
  });
});
