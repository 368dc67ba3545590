/**
 * Peers that hold on to connections: they say a byte a second, never read, or say nothing. None of
 * them may keep an honest client waiting, or make the agent grow.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_LIMITS, type HttpLimits } from '../../apps/guest-agent/src/http/limits.ts';
import { makeHttpServer, type HttpServer } from '../../apps/guest-agent/src/http/server.ts';
import { nodeClock } from '../../apps/guest-agent/src/platform/node/clock.ts';
import { nodeNetwork } from '../../apps/guest-agent/src/platform/node/network.ts';
import { nodeText } from '../../apps/guest-agent/src/platform/node/text.ts';
import {
  AGENT_BUILDS,
  residentBytes,
  startAgent,
  type AgentProcess,
} from '../support/agent-process.ts';
import { parseExposition } from '../support/exposition-text.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { openRaw, type RawConnection } from '../support/raw-connection.ts';
import { waitUntil } from '../support/wait-until.ts';

/** What may take a machine that does a lot besides; it fails only what hangs. */
const BUSY_MS = 15_000;
/** Above all the deadlines inside of it, so that theirs is the message. */
const TEST_MS = 60_000;
const REQUEST = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n';

const openMany = async (address: HttpAddress, count: number): Promise<readonly RawConnection[]> => {
  const connections = await Promise.all(
    Array.from({ length: count }, async () => openRaw(address)),
  );
  onTestFinished(() => {
    for (const connection of connections) connection.destroy();
  });
  return connections;
};

/** Writes a byte each time, until the peer hangs up. */
const trickle = (connections: readonly RawConnection[], text: string, everyMs: number): void => {
  let sent = 0;
  const timer = setInterval(() => {
    const byte = text.charAt(sent);
    sent += 1;
    for (const connection of connections) {
      if (connection.socket.writable) connection.write(byte);
    }
  }, everyMs);
  onTestFinished(() => clearInterval(timer));
};

/** How long the fastest of several answers takes, in ms. A slow one may be the machine's doing. */
const answerMs = async (address: HttpAddress, count = 5): Promise<number> => {
  let fastest = Infinity;
  for (let attempt = 0; attempt < count; attempt += 1) {
    const began = performance.now();
    const reply = await ask(address, '/metrics', { timeoutMs: BUSY_MS });
    expect(reply.status).toBe(200);
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
};

/** What the kernel holds for peers that do not read, on connections to this port of loopback. */
const unsentBytes = (port: number): number => {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .filter(([, address]) => address === local)
    .reduce((sum, [, , , , queues]) => sum + Number.parseInt(queues?.split(':')[0] ?? '0', 16), 0);
};

/** So much more than the same agent took before, or so little, is not being kept out. */
const FACTOR = 20;
const FLOOR_MS = 1_000;

describe.each(AGENT_BUILDS)('$name', { timeout: TEST_MS }, (build) => {
  const start = async (): Promise<{ agent: AgentProcess; limitMs: number }> => {
    const agent = await startAgent({ build });
    onTestFinished(async () => void (await agent.kill()));
    // What the first answers take once is not what slow clients take.
    const idleMs = await answerMs(agent.address, 100);
    return { agent, limitMs: Math.max(FLOOR_MS, FACTOR * idleMs) };
  };

  const metric = async (agent: AgentProcess, name: string): Promise<number | undefined> =>
    parseExposition((await ask(agent.address, '/metrics')).text).get(name)?.samples[0]?.value;

  test('200 idle connections keep nobody out, and the oldest of them go', async () => {
    const { agent, limitMs } = await start();
    const before = residentBytes(agent.pid);
    const idle = await openMany(agent.address, 200);
    expect(await answerMs(agent.address)).toBeLessThan(limitMs);
    await waitUntil(
      'those beyond the limit are gone',
      () => idle.filter(({ socket }) => socket.closed).length >= 200 - DEFAULT_LIMITS.connections,
      BUSY_MS,
    );
    expect(await metric(agent, 'guest_agent_http_connections')).toBeLessThanOrEqual(
      DEFAULT_LIMITS.connections,
    );
    expect(await metric(agent, 'guest_agent_http_connections_evicted_total')).toBeGreaterThan(70);
    expect(residentBytes(agent.pid) - before).toBeLessThan(32 * 1024 * 1024);
  });

  test('peers that say a byte a second keep nobody out, and end by the limit', async () => {
    const { agent, limitMs } = await start();
    const before = residentBytes(agent.pid);
    const began = performance.now();
    const slow = await openMany(agent.address, 150);
    trickle(slow, `GET /${'x'.repeat(100)}`, 1_000);
    for (const connection of slow) connection.write('G');
    expect(await answerMs(agent.address, 20)).toBeLessThan(limitMs);
    const answers = await Promise.all(
      slow.map(async (one) => one.closed(DEFAULT_LIMITS.requestMs + BUSY_MS)),
    );
    expect(performance.now() - began).toBeGreaterThan(DEFAULT_LIMITS.requestMs - 100);
    // The first of them had to make room; the others had the time that the limit gives.
    const timedOut = answers.filter((answer) => answer.startsWith('HTTP/1.1 408 '));
    expect(timedOut.length).toBeGreaterThan(80);
    expect(await metric(agent, 'guest_agent_http_timeouts_total')).toBeGreaterThan(0);
    expect(residentBytes(agent.pid) - before).toBeLessThan(32 * 1024 * 1024);
  });

  test('peers that never read their answers keep nobody out', async () => {
    const { agent, limitMs } = await start();
    const before = residentBytes(agent.pid);
    const deaf = await openMany(agent.address, 5);
    for (const { socket } of deaf) socket.pause();
    for (let round = 0; round < 50; round += 1) {
      for (const { socket } of deaf) {
        if (socket.writable) socket.write(REQUEST.replace('/health', '/metrics'));
      }
      // Its answer shows that the agent has answered the requests above.
      await answerMs(agent.address, 1);
    }
    expect(unsentBytes(agent.port)).toBeGreaterThan(deaf.length * 32 * 1024);
    expect(await answerMs(agent.address)).toBeLessThan(limitMs);
    expect(residentBytes(agent.pid) - before).toBeLessThan(32 * 1024 * 1024);
  });

  test.each([
    ['in one piece', `Content-Length: ${DEFAULT_LIMITS.bodyBytes}`, 'b'],
    // As a list of parts these would be two hundred times as large.
    ['in chunks of one byte', 'Transfer-Encoding: chunked', '1\r\nb\r\n'],
  ])(
    'peers that hold back the end of a large body %s keep nobody out',
    async (_, framing, part) => {
      const { agent, limitMs } = await start();
      const before = residentBytes(agent.pid);
      const heavy = await openMany(agent.address, 120);
      const body = part.repeat(Math.floor((DEFAULT_LIMITS.bodyBytes - 1) / part.length));
      const bytes = `POST /exec HTTP/1.1\r\nHost: h\r\n${framing}\r\n\r\n${body}`;
      for (const connection of heavy) connection.write(bytes);
      await waitUntil(
        'all is sent',
        () => heavy.every(({ socket }) => socket.writableLength === 0),
        BUSY_MS,
      );
      expect(await answerMs(agent.address)).toBeLessThan(limitMs);
      for (const connection of heavy) expect(connection.received()).toBe('');
      expect(residentBytes(agent.pid) - before).toBeLessThan(48 * 1024 * 1024);
    },
  );
});

/** The limits, shortened: what takes a minute with those of the agent takes a moment here. */
describe('the server of the agent', { timeout: TEST_MS }, () => {
  const LIMIT_MS = 300;
  const LARGE = 'x'.repeat(16 * 1024 * 1024);
  let server: HttpServer;
  let address: HttpAddress;

  const serve = async (limits: Partial<HttpLimits>): Promise<void> => {
    server = makeHttpServer({
      network: nodeNetwork,
      clock: nodeClock,
      text: nodeText,
      limits: { ...DEFAULT_LIMITS, ...limits },
      answer: ({ path }) => ({
        status: 200,
        contentType: 'text/plain',
        body: path === '/large' ? LARGE : '"status":"ok"\n',
      }),
      onError: (_, error) => {
        throw error;
      },
    });
    const outcome = await server.listen({ kind: 'tcp', host: '127.0.0.1', port: 0 });
    if (!outcome.ok) throw new Error(outcome.error.message);
    address = { host: '127.0.0.1', port: outcome.value.port ?? 0 };
    onTestFinished(async () => server.stop(0));
  };

  test.each([
    ['head', REQUEST],
    ['body', `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n${'b'.repeat(1000)}`],
    [
      'body in chunks',
      `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nb\r\n'.repeat(200)}`,
    ],
  ])('answers a %s that comes byte by byte with 408 in time', async (_, text) => {
    await serve({ requestMs: LIMIT_MS });
    const began = performance.now();
    const slow = await openMany(address, 20);
    const head = text.slice(0, text.lastIndexOf('\r\n\r\n'));
    for (const connection of slow) connection.write(head);
    trickle(slow, text.slice(head.length).replace(/^\r\n\r\n$/u, ''), 20);
    const answers = await Promise.all(slow.map(async (one) => one.closed(BUSY_MS)));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/u);
    expect(performance.now() - began).toBeGreaterThan(LIMIT_MS - 50);
    expect(server.counters()).toMatchObject({ timedOutTotal: 20 });
    await waitUntil('all are gone', () => server.counters().connections === 0, BUSY_MS);
  });

  test('hangs up on a peer that does not read, and counts it', async () => {
    await serve({ writeMs: LIMIT_MS });
    const began = performance.now();
    const deaf = await openMany(address, 5);
    for (const { socket } of deaf) {
      socket.pause();
      socket.write(REQUEST.replace('/health', '/large'));
    }
    await waitUntil('they are gone', () => server.counters().timedOutTotal === 5, BUSY_MS);
    expect(performance.now() - began).toBeGreaterThan(LIMIT_MS - 50);
    await waitUntil('all are gone', () => server.counters().connections === 0, BUSY_MS);
  });

  test('lets a peer that reads slowly, but reads, have its answer in time', async () => {
    await serve({ writeMs: BUSY_MS });
    const [reader] = await openMany(address, 1);
    reader?.write(
      REQUEST.replace('/health', '/large').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
    );
    const answer = await reader?.closed(BUSY_MS);
    expect(answer?.endsWith('x')).toBe(true);
    expect(answer?.length).toBeGreaterThan(LARGE.length);
    expect(server.counters()).toMatchObject({ timedOutTotal: 0 });
  });

  test('hangs up on connections that are idle, before and after a request', async () => {
    await serve({ idleMs: LIMIT_MS });
    const began = performance.now();
    const [silent, used] = await openMany(address, 2);
    used?.write(REQUEST);
    await used?.waitFor(/"status":"ok"/u);
    expect(await silent?.closed(BUSY_MS)).toBe('');
    await used?.closed(BUSY_MS);
    expect(performance.now() - began).toBeGreaterThan(LIMIT_MS - 100);
    await waitUntil('all are gone', () => server.counters().connections === 0, BUSY_MS);
    expect(server.counters()).toMatchObject({ timedOutTotal: 0 });
  });

  test('answers one who comes while all places are taken by those who take their time', async () => {
    await serve({ connections: 20 });
    const slow = await openMany(address, 20);
    for (const connection of slow) connection.write('GET /he');
    await waitUntil('all are in', () => server.counters().connections === 20, BUSY_MS);
    expect((await ask(address, '/health')).status).toBe(200);
    await slow[0]?.closed(BUSY_MS);
    expect(server.counters()).toMatchObject({ evictedTotal: 1 });
  });
});
