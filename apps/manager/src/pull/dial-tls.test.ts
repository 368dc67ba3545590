/** Real TLS, with whoever has the key and whoever has not. */
import { createHash, X509Certificate } from 'node:crypto';
import { createServer, type Server as PlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeTlsKey, type TlsKey } from '../../../../test/support/tls-key.ts';
import { describeConnectionFailure } from './connection-failure.ts';
import { makeDialTls } from './dial-tls.ts';

const HOST = '127.0.0.1';

const listening = async (server: PlainServer): Promise<number> => {
  await new Promise<void>((settle) => {
    server.listen(0, HOST, settle);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((settle) => {
      server.close(settle);
    });
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
};

/** Whatever is asked of it is answered with what it has heard. */
const serveTls = async (key: TlsKey, maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3') => {
  const heard: string[] = [];
  const resumed: boolean[] = [];
  const server = createTlsServer({ ...key.pem, maxVersion }, (socket: TLSSocket) => {
    resumed.push(socket.isSessionReused());
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard.push(bytes.toString());
      socket.write('heard');
    });
  });
  server.on('tlsClientError', () => undefined);
  return { port: await listening(server), heard, resumed };
};

const dialled = (dial: ReturnType<typeof makeDialTls>, port: number, tlsPin: string) => {
  const seen: { opened: number; text: string; error: Error | undefined } = {
    opened: 0,
    text: '',
    error: undefined,
  };
  const socket = dial({ host: HOST, port, tlsPin }, () => {
    seen.opened += 1;
    socket.write('a question');
  });
  socket.on('error', (error) => {
    seen.error ??= error;
  });
  socket.on('data', (bytes: Buffer) => {
    seen.text += bytes.toString();
  });
  onTestFinished(() => void socket.destroy());
  return { socket, seen };
};

test.each(['TLSv1.2', 'TLSv1.3'] as const)('who has the key is asked, in %s', async (version) => {
  const key = makeTlsKey();
  const { port, heard } = await serveTls(key, version);
  const { socket, seen } = dialled(makeDialTls(), port, key.pin);
  await waitUntil('it answers', () => seen.text === 'heard');
  expect(seen.opened).toBe(1);
  expect(heard).toEqual(['a question']);
  expect(socket.getProtocol()).toBe(version);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'who has another key hears nothing, in %s',
  async (version) => {
    const { port, heard } = await serveTls(makeTlsKey(), version);
    const { socket, seen } = dialled(makeDialTls(), port, makeTlsKey().pin);
    await waitUntil('it is over', () => socket.destroyed && seen.error !== undefined);
    expect(seen.opened).toBe(0);
    expect(heard).toEqual([]);
    expect(seen.error && describeConnectionFailure(seen.error, false)).toMatchObject({
      kind: 'wrong_key',
      isGone: false,
    });
  },
);

test('a certificate that is signed by an authority does not make up for the key', async () => {
  const key = makeTlsKey();
  const { port, heard } = await serveTls(key);
  // The pin is of the key alone, and not of the certificate.
  const pin = createHash('sha256').update(new X509Certificate(key.pem.cert).raw);
  const { seen } = dialled(makeDialTls(), port, pin.digest('base64url'));
  await waitUntil('it is over', () => seen.error !== undefined);
  expect(heard).toEqual([]);
});

test.each(['', 'x', 'A'.repeat(43)])('no key fits the pin %j', async (pin) => {
  const { port, heard } = await serveTls(makeTlsKey());
  const { seen } = dialled(makeDialTls(), port, pin);
  await waitUntil('it is over', () => seen.error !== undefined);
  expect([seen.opened, heard]).toEqual([0, []]);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'what was agreed with a key is taken up again, in %s, with that key only',
  async (version) => {
    const key = makeTlsKey();
    const { port, resumed } = await serveTls(key, version);
    const dial = makeDialTls();
    for (const count of [1, 2, 3]) {
      const { seen, socket } = dialled(dial, port, key.pin);
      await waitUntil('it answers', () => seen.text === 'heard');
      socket.destroy();
      expect(resumed).toHaveLength(count);
    }
    expect(resumed).toEqual([false, true, true]);
    // Somebody else at this address, whom nothing was agreed with.
    const other = dialled(dial, port, makeTlsKey().pin);
    await waitUntil('it is over', () => other.seen.error !== undefined);
    expect(resumed.slice(3)).not.toContain(true);
    expect(other.seen.opened).toBe(0);
  },
);

test('an agent that has started anew, and knows of no agreement, is asked all the same', async () => {
  const key = makeTlsKey();
  const dial = makeDialTls();
  const before = await serveTls(key);
  const first = dialled(dial, before.port, key.pin);
  await waitUntil('it answers', () => first.seen.text === 'heard');
  const after = await serveTls(key);
  const second = dialled(dial, after.port, key.pin);
  await waitUntil('it answers', () => second.seen.text === 'heard');
  expect(after.resumed).toEqual([false]);
});

test.each([
  ['answers plainly', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
  ['answers with nonsense', '\u0000\u0001\u0002nonsense'],
])('who %s has no TLS', async (_, text) => {
  const server = createServer((socket) => void socket.write(text));
  const { seen } = dialled(makeDialTls(), await listening(server), makeTlsKey().pin);
  await waitUntil('it is over', () => seen.error !== undefined);
  expect(seen.error && describeConnectionFailure(seen.error, false)).toMatchObject({
    kind: 'no_tls',
  });
});

test('who hangs up in the middle of it is not reachable', async () => {
  const server = createServer((socket) => void socket.once('data', () => socket.destroy()));
  const { seen } = dialled(makeDialTls(), await listening(server), makeTlsKey().pin);
  await waitUntil('it is over', () => seen.error !== undefined);
  expect(seen.error && describeConnectionFailure(seen.error, false).kind).toBe('unreachable');
});
