import { afterEach, describe, expect, it } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import { makeFakeClock, START_MS, type FakeClock } from '../testing/fake-clock.ts';
import {
  makeFakeNetwork,
  type FakeClient,
  type FakeClientOptions,
} from '../testing/fake-network.ts';
import { parseAnswers, statusesOf } from '../testing/http-answers.ts';
import { settled } from '../testing/settled.ts';
import { makeHttpConnection, type Answer, type HttpConnection } from './connection.ts';
import { makeBodyRooms } from './body-room.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

const { requestMs, idleMs, handlerMs, writeMs } = DEFAULT_LIMITS;
const GET = 'GET /health HTTP/1.1\r\nHost: vm\r\n\r\n';

const hello: HttpResponse = { status: 200, contentType: 'text/plain', body: 'h\u00e9llo' };

interface Talk {
  readonly client: FakeClient;
  readonly clock: FakeClock;
  readonly http: HttpConnection;
  readonly requests: HttpRequest[];
  readonly timeouts: () => number;
  readonly closedCalls: () => number;
}

const open: Talk[] = [];

const talk = (answer: Answer = () => hello, options: FakeClientOptions = {}): Talk => {
  const clock = makeFakeClock();
  const network = makeFakeNetwork();
  const requests: HttpRequest[] = [];
  let timeouts = 0;
  let closedCalls = 0;
  let http: HttpConnection | undefined;
  void network.listen({ kind: 'tcp', host: '127.0.0.1', port: 8080 }, (connection) => {
    http = makeHttpConnection(connection, {
      clock,
      text: nodeText,
      limits: DEFAULT_LIMITS,
      bodyRoom: makeBodyRooms(DEFAULT_LIMITS.bodyBytes),
      answer: (request) => {
        requests.push(request);
        return answer(request);
      },
      onClosed: () => {
        closedCalls += 1;
      },
      onTimeout: () => {
        timeouts += 1;
      },
    });
    return http.events;
  });
  const client = network.dial(options);
  if (http === undefined) throw new Error('not accepted');
  const made: Talk = {
    client,
    clock,
    http,
    requests,
    timeouts: () => timeouts,
    closedCalls: () => closedCalls,
  };
  open.push(made);
  return made;
};

const never: Answer = async () => new Promise<HttpResponse>(() => undefined);

describe('makeHttpConnection', () => {
  // Whatever a test did to a connection, nothing of it may stay behind.
  afterEach(async () => {
    for (const { client, clock, http, closedCalls } of open.splice(0)) {
      http.destroy();
      await settled();
      expect(client.closed()).toBe(true);
      expect(closedCalls()).toBe(1);
      expect(clock.pendingTimers()).toBe(0);
    }
  });

  it('answers with the length in bytes, the date, and headers that forbid caching and sniffing', async () => {
    const { client } = talk();
    client.send(GET);
    await settled();
    const [answer] = parseAnswers(client.received());
    expect(answer).toMatchObject({ status: 200, body: 'h\u00e9llo' });
    expect(Object.fromEntries(answer?.headers ?? [])).toEqual({
      date: new Date(START_MS).toUTCString(),
      'content-type': 'text/plain',
      'content-length': '6',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'keep-alive',
    });
  });

  it('hands the route the decoded request and who asks', async () => {
    const peer = { kind: 'tcp', address: '192.0.2.9', loopback: false } as const;
    const { client, requests } = talk(() => hello, { peer });
    client.send('POST /a%20b?x=1%2B HTTP/1.1\r\nHost: vm\r\nContent-Length: 2\r\n\r\nok');
    await settled();
    expect(requests).toEqual([
      {
        method: 'POST',
        path: '/a b',
        target: '/a%20b?x=1%2B',
        query: new Map([['x', ['1+']]]),
        headers: new Map([
          ['host', 'vm'],
          ['content-length', '2'],
        ]),
        body: Uint8Array.of(111, 107),
        peer,
        encrypted: false,
      },
    ]);
  });

  it('answers one request after the other on one connection', async () => {
    const { client } = talk();
    for (let count = 1; count <= 3; count += 1) {
      client.send(GET);
      await settled();
      expect(statusesOf(client.received())).toHaveLength(count);
    }
    expect(client.sawEnd()).toBe(false);
  });

  it.each([
    ['asks for it', 'GET / HTTP/1.1\r\nHost: vm\r\nConnection: close\r\n\r\n'],
    ['speaks HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  ])('closes after the answer when the client %s', async (_, request) => {
    const { client } = talk();
    client.send(request);
    await settled();
    const [answer] = parseAnswers(client.received());
    expect(answer?.headers.get('connection')).toBe('close');
    expect(client.closed()).toBe(true);
    expect(client.cutOff()).toBe(false);
  });

  it('answers HEAD with the headers of the whole answer and no body', async () => {
    const { client } = talk();
    client.send(GET.replace('GET', 'HEAD'));
    await settled();
    client.send(GET.replace('GET', 'HEAD'));
    await settled();
    const answers = parseAnswers(client.received(), true);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.headers.get('content-length')).toBe('6');
  });

  it('sends no body with HEAD either where the target is malformed', async () => {
    const { client } = talk();
    client.send('HEAD /% HTTP/1.1\r\nHost: vm\r\n\r\n');
    await settled();
    expect(client.received().endsWith('\r\n\r\n')).toBe(true);
    expect(client.received()).toMatch(/^HTTP\/1\.1 400 /u);
  });

  it('answers a malformed request once, without a route, and closes', async () => {
    const { client, requests } = talk();
    client.send('GET /\r\n\r\n');
    client.send(GET);
    await settled();
    expect(statusesOf(client.received())).toEqual([400]);
    expect(requests).toEqual([]);
    expect(client.sawEnd()).toBe(true);
  });

  it('answers a request with a malformed target, and closes', async () => {
    const { client, requests } = talk();
    client.send('GET /%zz HTTP/1.1\r\nHost: vm\r\n\r\n');
    await settled();
    expect(statusesOf(client.received())).toEqual([400]);
    expect(requests).toEqual([]);
    expect(client.closed()).toBe(true);
  });

  it('answers the first of two requests that come together, and closes', async () => {
    const { client, requests } = talk();
    client.send(GET + GET);
    await settled();
    expect(statusesOf(client.received())).toEqual([200]);
    expect(requests).toHaveLength(1);
    expect(client.closed()).toBe(true);
  });

  it('does not read on while a request is under way', async () => {
    let release: () => void = () => undefined;
    const { client, requests } = talk(
      async () =>
        new Promise((resolve) => {
          release = () => resolve(hello);
        }),
    );
    client.send(GET);
    client.send(GET);
    await settled();
    expect(requests).toHaveLength(1);
    release();
    await settled();
    expect(requests).toHaveLength(2);
    release();
    await settled();
    expect(statusesOf(client.received())).toEqual([200, 200]);
  });

  it('tells a client that waits with its body to go on', async () => {
    const { client } = talk();
    client.send('PUT / HTTP/1.1\r\nHost: vm\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
    expect(client.received()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('ok');
    await settled();
    expect(statusesOf(client.received())).toEqual([100, 200]);
  });

  describe('with a peer that is slow or silent', () => {
    it('answers 408 to a request that is not complete in time, and closes', async () => {
      const { client, clock, timeouts } = talk();
      client.send('GET /');
      for (let second = 0; second < requestMs / 1000 - 1; second += 1) {
        clock.advance(1000);
        client.send('x');
      }
      expect(client.received()).toBe('');
      clock.advance(1000);
      await settled();
      expect(statusesOf(client.received())).toEqual([408]);
      expect(client.closed()).toBe(true);
      expect(timeouts()).toBe(1);
    });

    it('answers 408 also where the body is what does not come', async () => {
      const { client, clock } = talk();
      client.send('PUT / HTTP/1.1\r\nHost: vm\r\nContent-Length: 2\r\n\r\na');
      clock.advance(requestMs);
      await settled();
      expect(statusesOf(client.received())).toEqual([408]);
    });

    it('closes a connection on which nothing is asked, without a word', async () => {
      const { client, clock, timeouts } = talk();
      clock.advance(idleMs - 1);
      expect(client.closed()).toBe(false);
      clock.advance(1);
      expect(client.closed()).toBe(true);
      expect(client.received()).toBe('');
      expect(timeouts()).toBe(0);
    });

    it('does not let empty lines keep a connection open', () => {
      const { client, clock } = talk();
      for (let passed = 0; passed < idleMs; passed += 1000) {
        client.send('\r\n');
        clock.advance(1000);
      }
      expect(client.closed()).toBe(true);
    });

    it('counts the time between requests from the last answer', async () => {
      const { client, clock } = talk();
      clock.advance(idleMs - 1);
      client.send(GET);
      await settled();
      clock.advance(idleMs - 1);
      client.send(GET);
      await settled();
      expect(statusesOf(client.received())).toEqual([200, 200]);
      clock.advance(idleMs);
      expect(client.closed()).toBe(true);
    });

    it('cuts off a peer that does not take its answer in time, and counts it', async () => {
      const { client, clock, timeouts } = talk(() => hello, { reads: false });
      client.send(GET);
      await settled();
      clock.advance(writeMs - 1);
      expect(client.closed()).toBe(false);
      clock.advance(1);
      expect(client.cutOff()).toBe(true);
      expect(timeouts()).toBe(1);
    });

    it('goes on with a peer that takes its answer late, but in time', async () => {
      const { client, clock, timeouts } = talk(() => hello, { reads: false });
      client.send(GET);
      await settled();
      clock.advance(writeMs - 1);
      client.startReading();
      clock.advance(writeMs);
      client.send(GET);
      await settled();
      expect(statusesOf(client.received())).toEqual([200, 200]);
      expect(timeouts()).toBe(0);
    });

    it('lets go soon of a peer that does not close when it is told to', async () => {
      const { client, clock } = talk(() => hello, { endsWithAgent: false });
      client.send('GET / HTTP/1.0\r\n\r\n');
      await settled();
      expect(client.sawEnd()).toBe(true);
      expect(client.closed()).toBe(false);
      client.send('still talking');
      clock.advance(1000);
      expect(client.closed()).toBe(true);
      expect(statusesOf(client.received())).toEqual([200]);
    });
  });

  describe('with a route that does not answer', () => {
    it('answers 503 in its place, and closes', async () => {
      const { client, clock, timeouts } = talk(never);
      client.send(GET);
      clock.advance(handlerMs - 1);
      await settled();
      expect(client.received()).toBe('');
      clock.advance(1);
      await settled();
      expect(statusesOf(client.received())).toEqual([503]);
      expect(client.closed()).toBe(true);
      expect(timeouts()).toBe(1);
    });

    it('sends no body with the 503 for a HEAD', async () => {
      const { client, clock } = talk(never);
      client.send(GET.replace('GET', 'HEAD'));
      clock.advance(handlerMs);
      await settled();
      expect(client.received()).toMatch(/^HTTP\/1\.1 503 /u);
      expect(client.received().endsWith('\r\n\r\n')).toBe(true);
    });

    it('throws away an answer that comes after that', async () => {
      let release: () => void = () => undefined;
      const { client, clock } = talk(
        async () =>
          new Promise((resolve) => {
            release = () => resolve(hello);
          }),
        { endsWithAgent: false },
      );
      client.send(GET);
      clock.advance(handlerMs);
      release();
      await settled();
      expect(statusesOf(client.received())).toEqual([503]);
    });
  });

  describe('with a peer that goes', () => {
    it('still answers one that has said all it will say', async () => {
      const { client } = talk();
      client.send(GET);
      client.endSending();
      await settled();
      const [answer] = parseAnswers(client.received());
      expect(answer?.status).toBe(200);
      expect(client.closed()).toBe(true);
      expect(client.cutOff()).toBe(false);
    });

    it('closes when it ends in the middle of a request', async () => {
      const { client, requests, clock } = talk();
      client.send('GET / HT');
      client.endSending();
      await settled();
      expect(client.closed()).toBe(true);
      expect(requests).toEqual([]);
      expect(clock.pendingTimers()).toBe(0);
    });

    it('closes when it ends between requests', async () => {
      const { client } = talk();
      client.send(GET);
      await settled();
      client.endSending();
      await settled();
      expect(client.closed()).toBe(true);
    });

    it('does not write to one that is gone before the answer is ready', async () => {
      let release: () => void = () => undefined;
      const { client, http } = talk(
        async () =>
          new Promise((resolve) => {
            release = () => resolve(hello);
          }),
      );
      client.send(GET);
      http.destroy();
      await settled();
      release();
      await settled();
      expect(client.received()).toBe('');
    });
  });

  describe('waitingSince', () => {
    it('tells since when the peer is awaited, and nothing while a route works', async () => {
      const { client, clock, http } = talk();
      expect(http.waitingSince()).toBe(0);
      clock.advance(500);
      client.send('GE');
      expect(http.waitingSince()).toBe(500);
      clock.advance(200);
      client.send('T');
      expect(http.waitingSince()).toBe(500);
      client.send(GET.slice(3));
      expect(http.waitingSince()).toBeUndefined();
      await settled();
      expect(http.waitingSince()).toBe(700);
    });

    it('counts anew when the peer has taken its answer', async () => {
      const { client, clock, http } = talk(() => hello, { reads: false });
      client.send(GET);
      await settled();
      clock.advance(300);
      expect(http.waitingSince()).toBe(0);
      client.startReading();
      expect(http.waitingSince()).toBe(300);
    });
  });

  describe('finish', () => {
    it('closes at once where nothing is under way', async () => {
      const { client, http } = talk();
      http.finish();
      await settled();
      expect(client.closed()).toBe(true);
    });

    it('lets the request that is under way have its answer', async () => {
      let release: () => void = () => undefined;
      const { client, http } = talk(
        async () =>
          new Promise((resolve) => {
            release = () => resolve(hello);
          }),
      );
      client.send(GET);
      http.finish();
      await settled();
      expect(client.closed()).toBe(false);
      release();
      await settled();
      expect(parseAnswers(client.received())[0]?.headers.get('connection')).toBe('close');
      expect(client.closed()).toBe(true);
    });

    it('lets a request that has begun to arrive have its answer', async () => {
      const { client, http } = talk();
      client.send(GET.slice(0, 8));
      http.finish();
      client.send(GET.slice(8));
      await settled();
      expect(statusesOf(client.received())).toEqual([200]);
      expect(client.closed()).toBe(true);
    });

    it('does not answer what arrives after that', async () => {
      const { client, http, requests } = talk(() => hello, { endsWithAgent: false });
      http.finish();
      client.send(GET);
      await settled();
      expect(requests).toEqual([]);
      expect(client.received()).toBe('');
    });
  });
});
