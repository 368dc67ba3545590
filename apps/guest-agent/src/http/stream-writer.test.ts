import { afterEach, describe, expect, it } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import { makeFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import {
  makeFakeNetwork,
  type FakeClient,
  type FakeClientOptions,
} from '../testing/fake-network.ts';
import { settled } from '../testing/settled.ts';
import { makeHttpConnection, type HttpConnection } from './connection.ts';
import { makeBodyRooms } from './body-room.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { StreamOut } from './message.ts';

const { handlerMs, idleMs, writeMs } = DEFAULT_LIMITS;
const GET = 'GET /logs HTTP/1.1\r\nHost: vm\r\n\r\n';

interface Talk {
  readonly client: FakeClient;
  readonly clock: FakeClock;
  readonly http: HttpConnection;
  readonly out: StreamOut;
  readonly seen: string[];
}

const open: Pick<Talk, 'client' | 'clock' | 'http' | 'seen'>[] = [];

const stream = async (options: FakeClientOptions = {}, request = GET): Promise<Talk> => {
  const clock = makeFakeClock();
  const network = makeFakeNetwork();
  const seen: string[] = [];
  let out: StreamOut = { write: () => undefined, pendingBytes: () => 0, end: () => undefined };
  let http: HttpConnection | undefined;
  void network.listen({ kind: 'tcp', host: '127.0.0.1', port: 8080 }, (connection) => {
    http = makeHttpConnection(connection, {
      clock,
      text: nodeText,
      limits: DEFAULT_LIMITS,
      bodyRoom: makeBodyRooms(DEFAULT_LIMITS.bodyBytes),
      answer: () => ({
        status: 200,
        contentType: 'text/event-stream',
        body: 'first ',
        stream: (given) => {
          out = given;
          return {
            drained: () => seen.push('drained'),
            stopping: () => seen.push('stopping'),
            closed: () => seen.push('closed'),
          };
        },
      }),
      onClosed: () => undefined,
      onTimeout: () => seen.push('timeout'),
    });
    return http.events;
  });
  const client = network.dial(options);
  if (http === undefined) throw new Error('not accepted');
  open.push({ client, clock, http, seen });
  client.send(request);
  await settled();
  return { client, clock, http, out, seen };
};

describe('an answer that goes on', () => {
  afterEach(async () => {
    for (const { client, clock, http, seen } of open.splice(0)) {
      http.destroy();
      await settled();
      expect(client.closed()).toBe(true);
      expect(clock.pendingTimers()).toBe(0);
      expect(seen.filter((event) => event === 'closed').length).toBeLessThanOrEqual(1);
    }
  });

  it('has no length, ends the connection, and outlives all deadlines of a request', async () => {
    const { client, clock, out, seen } = await stream();
    clock.advance(10 * (handlerMs + idleMs));
    out.write('second');
    const [head = '', body] = client.received().split('\r\n\r\n');
    expect(head).toContain('Connection: close');
    expect(head).not.toMatch(/content-length|transfer-encoding/iu);
    expect(body).toBe('first second');
    out.end();
    await settled();
    expect(client.sawEnd()).toBe(true);
    expect(client.cutOff()).toBe(false);
    expect(seen).toEqual(['closed']);
  });

  it('ends when a slow peer has taken what waits for it, and not before', async () => {
    const { client, clock, out, seen } = await stream({ reads: false });
    out.write('the last line');
    out.end();
    clock.advance(writeMs - 1);
    await settled();
    expect(client.closed()).toBe(false);
    client.startReading();
    await settled();
    expect(client.received()).toMatch(/the last line$/u);
    expect(client.sawEnd()).toBe(true);
    expect(client.cutOff()).toBe(false);
    expect(seen).toEqual(['closed']);
  });

  it('says nothing but its head to HEAD, and never starts', async () => {
    const { client, seen } = await stream({}, GET.replace('GET', 'HEAD'));
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n/u);
    expect(client.received().endsWith('\r\n\r\n')).toBe(true);
    expect(client.received()).not.toContain('Content-Length');
    expect(client.sawEnd()).toBe(true);
    expect(seen).toEqual([]);
  });

  it('tells when a slow peer has taken all', async () => {
    const { client, out, seen } = await stream({ reads: false });
    out.write('x'.repeat(1000));
    expect(out.pendingBytes()).toBeGreaterThan(1000);
    client.startReading();
    expect(seen).toEqual(['drained']);
    expect(out.pendingBytes()).toBe(0);
  });

  it('cuts off a peer that takes nothing for as long as a peer may', async () => {
    const { client, clock, out, seen, http } = await stream({ reads: false });
    expect(http.waitingSince()).toBe(0);
    clock.advance(writeMs / 2);
    out.write('more of it does not give it more time');
    clock.advance(writeMs / 2);
    await settled();
    expect(client.cutOff()).toBe(true);
    expect(seen).toEqual(['timeout', 'closed']);
    out.write('this goes nowhere');
    out.end();
  });

  it('is not awaited by anybody while the peer takes what comes', async () => {
    const { clock, http, out } = await stream();
    clock.advance(1000);
    out.write('x');
    expect(http.waitingSince()).toBeUndefined();
  });

  it('ends when the peer closes its side, or goes', async () => {
    const { client, seen } = await stream();
    client.endSending();
    await settled();
    expect(client.closed()).toBe(true);
    expect(seen).toEqual(['closed']);
  });

  it('ignores what the peer still says', async () => {
    const { client, out } = await stream();
    client.send(GET);
    await settled();
    out.write('still here');
    expect(client.received()).toContain('still here');
  });

  it('hears that the agent stops, and can say a last word', async () => {
    const { client, http, out, seen } = await stream();
    http.finish();
    expect(seen).toEqual(['stopping']);
    out.write('bye');
    out.end();
    await settled();
    expect(client.received().endsWith('bye')).toBe(true);
    expect(client.closed()).toBe(true);
  });
});
