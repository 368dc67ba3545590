import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { makeFakeNetwork, type FakeClient } from '../testing/fake-network.ts';
import { parseAnswers, statusesOf } from '../testing/http-answers.ts';
import { settled } from '../testing/settled.ts';
import type { Answer } from './connection.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import { makeHttpServer } from './server.ts';

const LIMITS = { ...DEFAULT_LIMITS, connections: 3, requestsInFlight: 2 };
const GET = 'GET /health HTTP/1.1\r\nHost: vm\r\n\r\n';
const PORT = { kind: 'tcp', host: '127.0.0.1', port: 8080 } as const;
const GRACE_MS = 4000;

const hello: HttpResponse = { status: 200, contentType: 'text/plain', body: 'hello' };

const running: (() => Promise<void>)[] = [];

const serve = async (answer: Answer = () => hello) => {
  const clock = makeFakeClock();
  const network = makeFakeNetwork();
  const onError = vi.fn<(request: HttpRequest, error: unknown) => void>();
  const server = makeHttpServer({
    network,
    clock,
    text: nodeText,
    limits: LIMITS,
    answer,
    onError,
  });
  await server.listen(PORT);
  running.push(async () => {
    const stopped = server.stop(GRACE_MS);
    clock.advance(GRACE_MS);
    await stopped;
    await settled();
    expect(server.counters().connections).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });
  return { server, clock, network, onError };
};

/** A route that answers when the test says so, oldest request first. */
const onDemand = () => {
  const waiting: ((response: HttpResponse) => void)[] = [];
  const answer: Answer = async () => new Promise((resolve) => waiting.push(resolve));
  return { answer, release: () => waiting.shift()?.(hello), waiting: () => waiting.length };
};

const ask = (client: FakeClient): void => client.send(GET);

describe('makeHttpServer', () => {
  afterEach(async () => {
    for (const stop of running.splice(0)) await stop();
  });

  it('says which port it listens on, and why it cannot', async () => {
    const { server } = await serve();
    expect(await server.listen(PORT)).toEqual({ ok: true, value: { port: 8080 } });
    const error = { code: 'EADDRINUSE', message: 'in use' };
    const deaf = makeHttpServer({
      network: { ...makeFakeNetwork(), listen: async () => ({ ok: false, error }) },
      clock: makeFakeClock(),
      text: nodeText,
      limits: LIMITS,
      answer: () => hello,
      onError: () => undefined,
    });
    expect(await deaf.listen(PORT)).toEqual({ ok: false, error });
  });

  it('counts connections that are open and that there were', async () => {
    const { server, network } = await serve();
    const first = network.dial();
    network.dial();
    expect(server.counters()).toMatchObject({ connections: 2, acceptedTotal: 2 });
    first.endSending();
    await settled();
    expect(server.counters()).toMatchObject({ connections: 1, acceptedTotal: 2 });
  });

  it('counts requests that did not come in time', async () => {
    const { server, clock, network } = await serve();
    network.dial().send('GET');
    clock.advance(LIMITS.requestMs);
    await settled();
    expect(server.counters().timedOutTotal).toBe(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('secret detail');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('secret detail');
      },
    ],
  ] satisfies [string, Answer][])(
    'answers 500 when a route %s, tells the log and not the client',
    async (_, answer) => {
      const { network, onError } = await serve(answer);
      const client = network.dial();
      ask(client);
      await settled();
      const [response] = parseAnswers(client.received());
      expect(response?.status).toBe(500);
      expect(response?.body).toBe(
        '{"error":{"code":"internal","message":"the agent failed to answer; its log says why"}}\n',
      );
      expect(onError).toHaveBeenCalledOnce();
      expect(onError.mock.calls[0]?.[0]).toMatchObject({ method: 'GET', path: '/health' });
      expect(String(onError.mock.calls[0]?.[1])).toContain('secret detail');
    },
  );

  it('goes on with the same connection after a route has failed', async () => {
    let failing = true;
    const { network } = await serve(() => {
      if (failing) throw new Error('once');
      return hello;
    });
    const client = network.dial();
    ask(client);
    await settled();
    failing = false;
    ask(client);
    await settled();
    expect(statusesOf(client.received())).toEqual([500, 200]);
  });

  it('refuses a request with 429 while as many as allowed are under way', async () => {
    const { answer, release } = onDemand();
    const { server, network } = await serve(answer);
    const clients = [network.dial(), network.dial(), network.dial()] as const;
    clients.forEach(ask);
    await settled();
    expect(clients.map((client) => client.received() !== '')).toEqual([false, false, true]);
    expect(parseAnswers(clients[2].received())[0]).toMatchObject({ status: 429 });
    expect(server.counters().busyTotal).toBe(1);
    release();
    release();
    await settled();
    ask(clients[2]);
    await settled();
    release();
    await settled();
    expect(statusesOf(clients[2].received())).toEqual([429, 200]);
    expect(server.counters().busyTotal).toBe(1);
  });

  it('lets a slot go when a route has failed', async () => {
    const { network } = await serve(() => {
      throw new Error('always');
    });
    const client = network.dial();
    for (let count = 0; count < LIMITS.requestsInFlight + 1; count += 1) {
      ask(client);
      await settled();
    }
    expect(statusesOf(client.received())).toEqual([500, 500, 500]);
  });

  describe('at the limit of connections', () => {
    it('ends the one that has been quiet for longest to let a new one in', async () => {
      const { server, clock, network } = await serve();
      const clients = [];
      for (let count = 0; count < LIMITS.connections; count += 1) {
        clients.push(network.dial());
        clock.advance(10);
      }
      const [oldest, second, third] = clients;
      if (oldest !== undefined) ask(oldest);
      await settled();
      const newcomer = network.dial();
      expect(second?.closed()).toBe(true);
      expect([oldest, third, newcomer].map((client) => client?.closed())).toEqual([
        false,
        false,
        false,
      ]);
      ask(newcomer);
      await settled();
      expect(statusesOf(newcomer.received())).toEqual([200]);
      expect(server.counters()).toMatchObject({
        connections: 3,
        evictedTotal: 1,
        acceptedTotal: 4,
      });
    });

    it('ends one that takes its time to ask before one that is answering', async () => {
      const { answer, release } = onDemand();
      const { clock, network } = await serve(answer);
      const busy = network.dial();
      ask(busy);
      clock.advance(10);
      const dripping = network.dial();
      dripping.send('GET /');
      clock.advance(10);
      const quiet = network.dial();
      clock.advance(1000);
      dripping.send('h');
      const newcomer = network.dial();
      expect([busy, dripping, quiet, newcomer].map((client) => client.closed())).toEqual([
        false,
        true,
        false,
        false,
      ]);
      await settled();
      release();
      await settled();
      expect(statusesOf(busy.received())).toEqual([200]);
    });

    it('never ends one that is answering', async () => {
      const { answer, release } = onDemand();
      const { server, clock, network } = await serve(answer);
      const busy = [network.dial(), network.dial()];
      busy.forEach(ask);
      clock.advance(1000);
      const quiet = network.dial();
      clock.advance(10);
      const newcomer = network.dial();
      expect(quiet.closed()).toBe(true);
      await settled();
      release();
      release();
      await settled();
      expect(busy.map((client) => statusesOf(client.received()))).toEqual([[200], [200]]);
      expect(newcomer.closed()).toBe(false);
      expect(server.counters().evictedTotal).toBe(1);
    });

    it('turns a new one away while all are answering', async () => {
      const { answer, release } = onDemand();
      const { server, network } = await serve(answer);
      const busy = [network.dial(), network.dial(), network.dial()];
      busy.forEach(ask);
      const newcomer = network.dial();
      await settled();
      expect(newcomer.closed()).toBe(true);
      expect(server.counters()).toMatchObject({ connections: 3, evictedTotal: 1 });
      release();
      release();
      await settled();
      expect(busy.map((client) => statusesOf(client.received()))).toEqual([[200], [200], [429]]);
    });

    it('never holds more than the limit, however many come', async () => {
      const { server, network } = await serve();
      for (let count = 0; count < 50; count += 1) network.dial();
      expect(server.counters()).toMatchObject({ connections: 3, evictedTotal: 47 });
      await settled();
      expect(server.counters().connections).toBe(3);
    });
  });

  describe('stop', () => {
    it('is done at once where nobody is connected, and accepts nobody after', async () => {
      const { server, network } = await serve();
      await server.stop(GRACE_MS);
      expect(network.listening()).toBe(false);
    });

    it('ends quiet connections at once', async () => {
      const { server, network } = await serve();
      const client = network.dial();
      await server.stop(GRACE_MS);
      expect(client.closed()).toBe(true);
    });

    it('waits for what is under way', async () => {
      const { answer, release } = onDemand();
      const { server, clock, network } = await serve(answer);
      const client = network.dial();
      ask(client);
      let stopped = false;
      const stopping = server.stop(GRACE_MS).then(() => {
        stopped = true;
      });
      clock.advance(GRACE_MS - 1);
      await settled();
      expect(stopped).toBe(false);
      release();
      await stopping;
      expect(statusesOf(client.received())).toEqual([200]);
      expect(client.cutOff()).toBe(false);
      expect(clock.pendingTimers()).toBe(0);
    });

    it('cuts off what has not finished by the end of the grace', async () => {
      const { server, clock, network } = await serve(onDemand().answer);
      const asking = network.dial();
      const halfway = network.dial();
      const stubborn = network.dial({ endsWithAgent: false });
      ask(asking);
      halfway.send('GET');
      const stopping = server.stop(GRACE_MS);
      clock.advance(GRACE_MS);
      await stopping;
      expect([asking, halfway, stubborn].map((client) => client.cutOff())).toEqual([
        true,
        true,
        true,
      ]);
      expect(server.counters().connections).toBe(0);
    });
  });
});
