/** Against real servers on loopback, most of which behave badly. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  httpAnswer,
  refusingPort,
  sampleAnswer,
  startPeer,
  type Answer,
  type Peer,
} from '../../../../test/support/pull-peers.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeTokenMinter } from '../keys/token-minter.ts';
import { makeConnectGate } from './connect-gate.ts';
import { makeDeadlines } from './deadlines.ts';
import { makeGuestPuller, type PulledVm } from './guest-puller.ts';
import { makeSampleDecoder } from './sample-decoder.ts';

const VM_ID = '018f3a52-0c39-7d6e-b2c4-6b1f5a0e9d11';
const OTHER_ID = '018f3a52-0c39-7d6e-b2c4-6b1f5a0e9d12';
const ENOUGH_MS = 5_000;
const SHORT_MS = 150;

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const { privateKey } = generateKeyPairSync('ed25519');

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const startPuller = (connecting = 16) => {
  const deadlines = makeDeadlines(clock);
  const gate = makeConnectGate({ connecting });
  const puller = makeGuestPuller({
    mintToken: makeTokenMinter({ signingKey: () => privateKey, clock }),
    makeSampleDecoder: () =>
      makeSampleDecoder({
        monotonicMs: () => clock.monotonicMs(),
        random: () => 0.5,
        isWatched: () => false,
      }),
    gate,
    deadlines,
    clock,
    keepAliveMs: 60_000,
  });
  cleanups.push(async () => {
    await puller.stop();
    deadlines.stop();
  });
  const pull = async (vm: PulledVm, timeoutMs = ENOUGH_MS) =>
    puller.pull(vm, clock.monotonicMs() + timeoutMs);
  return { puller, pull, gate };
};

const start = async (answer: Answer, host?: string): Promise<Peer> => {
  const peer = await startPeer(answer, host);
  cleanups.push(async () => peer.close());
  return peer;
};

const vmAt = (peer: Pick<Peer, 'host' | 'port'>, enrolledAt?: number): PulledVm => ({
  id: VM_ID,
  guestIp: peer.host,
  agentPort: peer.port,
  enrolledAt,
});

const says =
  (text: string): Answer =>
  (socket) =>
    void socket.write(text, 'latin1');
const endsWith =
  (text: string): Answer =>
  (socket) =>
    void socket.end(text, 'latin1');

const repeat = (socket: Parameters<Answer>[0], chunk: string | Buffer): void => {
  const write = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  write();
};

const MIB = 1024 * 1024;
const ours = (code: string, message: string): string =>
  JSON.stringify({ error: { code, message } });

const BAD: readonly (readonly [string, Answer, string, RegExp])[] = [
  ['resets the connection', (socket) => socket.resetAndDestroy(), 'unreachable', /reset/u],
  ['hangs up without a word', (socket) => socket.end(), 'unreachable', /closed before an answer/u],
  ['is silent', () => {}, 'timeout', /no answer within the time/u],
  [
    'sends its head byte by byte',
    (socket) => {
      const text = sampleAnswer(VM_ID);
      let sent = 0;
      const timer = setInterval(() => {
        socket.write(text.charAt(sent));
        sent += 1;
      }, 20);
      socket.once('close', () => clearInterval(timer));
    },
    'timeout',
    /no answer within/u,
  ],
  [
    'drips its body',
    (socket) => {
      socket.write(httpAnswer({ headers: { 'content-length': '5000' } }));
      const timer = setInterval(() => socket.write('x'), 20);
      socket.once('close', () => clearInterval(timer));
    },
    'timeout',
    /took too long/u,
  ],
  ['sends garbage', says('\x00\x01\x02 SSH-2.0-OpenSSH_9.2\r\n\r\n'), 'malformed', /not HTTP/u],
  [
    'says that it has too much',
    says(httpAnswer({ headers: { 'content-length': String(5 * MIB) } })),
    'too_large',
    /more than 4 MiB/u,
  ],
  [
    'has too much without saying so',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n');
      repeat(socket, Buffer.alloc(64 * 1024, 0x20));
    },
    'too_large',
    /more than 4 MiB/u,
  ],
  [
    'cuts its body into crumbs',
    (socket) => {
      const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(9000)}`);
    },
    'too_large',
    /more than/u,
  ],
  [
    'has no end of headers',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      repeat(socket, `x-more: ${'y'.repeat(1000)}\r\n`);
    },
    'too_large',
    /head of the answer/u,
  ],
  [
    'has no end of interim answers',
    (socket) => repeat(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'),
    'malformed',
    /status 103/u,
  ],
  ['continues', says('HTTP/1.1 100 Continue\r\n\r\n'), 'malformed', /bad response/u],
  [
    'changes the protocol',
    says('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    'malformed',
    /bad upgrade/u,
  ],
  [
    'redirects',
    says(httpAnswer({ status: '302 Found', headers: { location: 'http://127.0.0.1:1/' } })),
    'http',
    /answered 302$/u,
  ],
  [
    'wants a token of somebody else',
    says(httpAnswer({ status: '401 No', body: ours('unauthenticated', 'not\u0000signed\nhere') })),
    'unauthorized',
    /answered 401: unauthenticated: not signed here$/u,
  ],
  [
    'lacks the scope',
    says(httpAnswer({ status: '403 No', body: ours('forbidden', 'no') })),
    'unauthorized',
    /answered 403: forbidden: no$/u,
  ],
  ['has no such page', says(httpAnswer({ status: '404 No', body: 'nope' })), 'http', /404$/u],
  [
    'has an error of its own',
    says(httpAnswer({ status: '500 No', body: ours('internal', 'a bug') })),
    'http',
    /answered 500: internal: a bug$/u,
  ],
  [
    'has an error in other words',
    says(httpAnswer({ status: '500 No', body: '{"error":"oops"}' })),
    'http',
    /answered 500$/u,
  ],
  [
    'has an endless error',
    (socket) => {
      socket.write('HTTP/1.1 500 No\r\n\r\n');
      repeat(socket, Buffer.alloc(64 * 1024, 0x7b));
    },
    'http',
    /answered 500$/u,
  ],
  ['answers for another VM', says(sampleAnswer(OTHER_ID)), 'wrong_identity', /another VM, .*12$/u],
  [
    'sends text',
    says(sampleAnswer(VM_ID, { 'content-type': 'text/plain' })),
    'malformed',
    /text\/plain/u,
  ],
  [
    'compresses',
    says(sampleAnswer(VM_ID, { 'content-encoding': 'gzip' })),
    'malformed',
    /encoding "gzip"/u,
  ],
  ['sends other JSON', says(httpAnswer({ body: '{"vm_id":1}' })), 'malformed', /no sample/u],
  ['sends no JSON', says(httpAnswer({ body: '{' })), 'malformed', /no JSON/u],
  ['sends nothing', says(httpAnswer({})), 'malformed', /no JSON/u],
  [
    'stops in the middle',
    endsWith(httpAnswer({ headers: { 'content-length': '100' }, body: '{' })),
    'malformed',
    /cut short/u,
  ],
  [
    'says two lengths',
    says('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}'),
    'malformed',
    /another length/u,
  ],
];

describe('a peer that', () => {
  test.each(BAD)('%s is a failure of its kind', async (_, answer, kind, message) => {
    const peer = await start(answer);
    const { pull } = startPuller();
    const result = await pull(vmAt(peer), kind === 'timeout' ? SHORT_MS : ENOUGH_MS);
    expect(result).toMatchObject({ ok: false, failure: { kind } });
    const text = result.ok ? '' : result.failure.message;
    expect(text).toMatch(message);
    expect(text.startsWith(`127.0.0.1:${peer.port}: `)).toBe(true);
    expect(text.length).toBeLessThanOrEqual(512);
    expect(text).not.toMatch(/\p{Cc}/u);
    // Neither asked twice nor connected to again for nothing.
    expect(peer.accepted()).toBe(1);
    expect(peer.requests).toHaveLength(1);
  });

  test('refuses is unreachable', async () => {
    const { pull } = startPuller();
    const result = await pull(vmAt({ host: '127.0.0.1', port: await refusingPort() }));
    expect(result).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(!result.ok && result.failure.message).toMatch(/refused$/u);
  });
});

describe('a guest', () => {
  test('without an address is not asked', async () => {
    const { pull } = startPuller();
    const vm = { id: VM_ID, guestIp: undefined, agentPort: 1, enrolledAt: undefined };
    const result = await pull(vm);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'no_guest_ip' } });
  });

  test('is asked over one connection, with one token for it', async () => {
    const peer = await start(says(sampleAnswer(VM_ID)));
    const { pull } = startPuller();
    for (let time = 0; time < 5; time += 1) {
      const result = await pull(vmAt(peer));
      expect(result).toMatchObject({ ok: true, value: { vm_id: VM_ID } });
    }
    expect(peer.accepted()).toBe(1);
    const tokens = peer.requests.map(
      ({ head }) => /^authorization: Bearer (.*)$/mu.exec(head)?.[1],
    );
    expect(new Set(tokens).size).toBe(1);
    const [, payload = ''] = tokens[0]?.split('.') ?? [];
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(claims).toMatchObject({ aud: VM_ID, scope: 'metrics' });
    expect(peer.requests[0]?.head).toMatch(/^GET \/metrics\?format=\w+ HTTP\/1\.1\r\n/u);
  });

  test('is told when it answered, by both clocks', async () => {
    const peer = await start(says(sampleAnswer(VM_ID)));
    const { pull } = startPuller();
    const [before, monotonicBefore] = [clock.now(), clock.monotonicMs()];
    const result = await pull(vmAt(peer));
    if (!result.ok) throw new Error(result.failure.message);
    expect(result.receivedAt).toBeGreaterThanOrEqual(before);
    expect(result.receivedMonotonicMs).toBeGreaterThan(monotonicBefore);
    expect(result.seconds).toBeGreaterThan(0);
  });

  test('behind an IPv6 address is asked as well', async (context) => {
    const peer = await start(says(sampleAnswer(VM_ID)), '::1').catch(() => undefined);
    if (peer === undefined) return context.skip('this machine has no IPv6 loopback');
    const { pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    return expect(peer.requests[0]?.head).toContain(`host: [::1]:${peer.port}`);
  });

  test('that speaks HTTP/1.0 is asked over a new connection each time', async () => {
    const peer = await start(endsWith(sampleAnswer(VM_ID).replace('HTTP/1.1', 'HTTP/1.0')));
    const { pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(peer.accepted()).toBe(2);
  });

  test('whose agent has closed the connection between two pulls does not fail', async () => {
    const peer = await start((socket, { number }) => {
      if (number === 1) socket.write(sampleAnswer(VM_ID));
      else socket.destroy();
    });
    const { pull } = startPuller();
    for (let time = 0; time < 4; time += 1) {
      expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    }
    expect(peer.accepted()).toBe(4);
  });

  test('that closes each new connection is not asked for ever', async () => {
    let isGood = true;
    const peer = await start((socket) => {
      if (isGood) socket.write(sampleAnswer(VM_ID));
      else socket.destroy();
    });
    const { pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    isGood = false;
    const result = await pull(vmAt(peer));
    expect(result).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(peer.requests).toHaveLength(3);
  });

  test('that stops to answer in the middle is asked over a new connection next time', async () => {
    const peer = await start((socket, { number }) => {
      if (number === 1) socket.write(sampleAnswer(VM_ID));
    });
    const { pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(await pull(vmAt(peer), SHORT_MS)).toMatchObject({ ok: false });
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(peer.accepted()).toBe(2);
  });

  test('that sends more than was asked for is not believed', async () => {
    const peer = await start((socket, { number }) => {
      socket.write(number === 1 ? sampleAnswer(VM_ID) + sampleAnswer(OTHER_ID) : '');
    });
    const { pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true, value: { vm_id: VM_ID } });
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true, value: { vm_id: VM_ID } });
  });

  test('whose agent does not know the compact sample is asked for the whole one at once', async () => {
    const peer = await start((socket, { head }) => {
      const isOld = head.includes('format=compact');
      socket.write(isOld ? httpAnswer({ status: '422 No' }) : sampleAnswer(VM_ID));
    });
    const { pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(peer.requests).toHaveLength(3);
  });
});

describe('identity', () => {
  test('an agent without an id counts while the VM has never been enrolled', async () => {
    const peer = await start(says(sampleAnswer(null)));
    const { pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true, value: { vm_id: null } });
    const result = await pull(vmAt(peer, 1_700_000_000_000));
    expect(result).toMatchObject({ ok: false, failure: { kind: 'wrong_identity' } });
  });

  test('a VM that moves is asked at its new address, and the old connection is closed', async () => {
    const first = await start(says(sampleAnswer(VM_ID)));
    const second = await start(says(sampleAnswer(VM_ID)));
    const { puller, pull } = startPuller();
    await pull(vmAt(first));
    await pull(vmAt(second));
    await waitUntil('the old connection is closed', () => first.open() === 0);
    expect(second.open()).toBe(1);
    puller.forget(VM_ID);
    await waitUntil('the new one too', () => second.open() === 0);
  });

  test('a VM that loses its address loses its connection', async () => {
    const peer = await start(says(sampleAnswer(VM_ID)));
    const { pull } = startPuller();
    await pull(vmAt(peer));
    await pull({ ...vmAt(peer), guestIp: undefined });
    await waitUntil('the connection is closed', () => peer.open() === 0);
    expect(peer.accepted()).toBe(1);
  });

  test('a pull that is forgotten ends at once', async () => {
    const peer = await start(() => {});
    const { puller, pull } = startPuller();
    const pulled = pull(vmAt(peer));
    await waitUntil('it is asked', () => peer.requests.length === 1);
    puller.forget(VM_ID);
    expect(await pulled).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
  });
});

describe('a guest whose clock is wrong', () => {
  const YEAR_SECONDS = 31_536_000;
  const timesSchema = z.object({ exp: z.number(), nbf: z.number() });
  const tokenTimes = (head: string) => {
    const payload = /^authorization: Bearer [^.]*\.([^.]*)/mu.exec(head)?.[1] ?? '';
    return timesSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  };

  /** Refuses by its own clock, as the agent does. */
  const guestAhead = async (seconds: number) =>
    start((socket, { head }) => {
      const now = Math.floor(Date.now() / 1000) + seconds;
      const date = { date: new Date(now * 1000).toUTCString() };
      const { exp, nbf } = tokenTimes(head);
      const isGood = exp > now && nbf <= now + 5;
      const refusal = { status: '401 No', headers: date, body: ours('unauthenticated', 'expired') };
      socket.write(isGood ? sampleAnswer(VM_ID, date) : httpAnswer(refusal));
    });

  test.each([
    ['ahead', YEAR_SECONDS],
    ['behind', -YEAR_SECONDS],
  ])('a year %s is asked by its own clock, in the same pull', async (_, seconds) => {
    const peer = await guestAhead(seconds);
    const { puller, pull } = startPuller();
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(peer.requests).toHaveLength(2);
    expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
    expect(peer.requests).toHaveLength(3);
    expect(Math.abs((puller.clockOffsetSeconds(VM_ID) ?? 0) - seconds)).toBeLessThanOrEqual(2);
  });

  test('a token by that clock is good for no longer than any other', async () => {
    const peer = await guestAhead(YEAR_SECONDS);
    const { pull } = startPuller();
    await pull(vmAt(peer));
    const { exp, nbf } = tokenTimes(peer.requests[1]?.head ?? '');
    expect(exp - nbf).toBeLessThanOrEqual(660);
  });

  test('is asked once more and no oftener when it refuses that too', async () => {
    const date = { date: new Date(0).toUTCString() };
    const peer = await start(says(httpAnswer({ status: '401 No', headers: date })));
    const { pull } = startPuller();
    const kind = { ok: false, failure: { kind: 'unauthorized' } };
    expect(await pull(vmAt(peer))).toMatchObject(kind);
    expect(peer.requests).toHaveLength(2);
    expect(await pull(vmAt(peer))).toMatchObject(kind);
    expect(peer.requests).toHaveLength(3);
  });
});

test('a guest that waits to be connected to fails by its deadline, and leaves the queue', async () => {
  const peer = await start(says(sampleAnswer(VM_ID)));
  const { pull, gate } = startPuller(1);
  const leave = gate.enter(false, () => {});
  const result = await pull(vmAt(peer), SHORT_MS);
  expect(result).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
  expect(gate.waiting()).toBe(0);
  leave();
  expect(await pull(vmAt(peer))).toMatchObject({ ok: true });
  expect(gate.connecting()).toBe(0);
});
