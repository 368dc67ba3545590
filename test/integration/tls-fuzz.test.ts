/**
 * Thousands of handshakes that are none, to the native platform that encrypts, as
 * AddressSanitizer and UndefinedBehaviorSanitizer watch it: bytes by chance, the first message of an
 * honest client changed and cut short, and whole connections of which a byte on the way is another.
 * INNKEEPER_FUZZ_SEED repeats a run, INNKEEPER_FUZZ_RUNS makes it longer.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { startNativePlatform } from '../../apps/guest-agent/src/testing/native-platform/native-platform.ts';
import { makeTlsIdentity } from '../../apps/guest-agent/src/tls/certificate.ts';
import { compileNative, makeNativeBundle } from '../../scripts/build/native.ts';
import { waitUntil } from '../support/wait-until.ts';

const RUNS = Number(process.env['INNKEEPER_FUZZ_RUNS'] ?? 5_000);
const SEED = process.env['INNKEEPER_FUZZ_SEED'];
const TEST_MS = 60_000 + RUNS * 40;
const ANSWER_MS = 30_000;
/** A whole connection costs more than all the rest. */
const WHOLE_OF = 10;
/** Who waits for a byte that was taken away waits for nothing. */
const IDLE_MS = 15;

const QUESTION = 'a question of some length '.repeat(8);

const DRIVER = 'apps/guest-agent/src/testing/native-platform/driver.ts';
const { content } = await makeNativeBundle(DRIVER);
const SANITIZED = await compileNative('sanitized', content);

/** What Node's client says first. */
const recordHello = async (): Promise<Uint8Array> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const hello = new Promise<Buffer>((resolve) => {
    server.once('connection', (socket) => {
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
      });
    });
  });
  const client = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  client.on('error', () => undefined);
  const bytes = await hello;
  client.destroy();
  server.close();
  return bytes;
};

interface Change {
  readonly at: number;
  readonly how: 'another' | 'gone' | 'twice' | 'end';
  readonly value: number;
}

const change = (most: number): fc.Arbitrary<Change> =>
  fc.record({
    at: fc.nat(most),
    how: fc.constantFrom('another', 'another', 'gone', 'twice', 'end'),
    value: fc.integer({ min: 1, max: 255 }),
  });

const applied = (bytes: Uint8Array, { at, how, value }: Change): Uint8Array => {
  if (at >= bytes.length) return bytes;
  const byte = bytes[at] ?? 0;
  const between = { another: [byte ^ value], gone: [], twice: [byte, byte], end: [] }[how];
  const after = how === 'end' ? [] : bytes.subarray(at + 1);
  return Uint8Array.from([...bytes.subarray(0, at), ...between, ...after]);
};

type Case =
  | { readonly kind: 'bytes'; readonly parts: readonly Uint8Array[] }
  | { readonly kind: 'hello'; readonly changes: readonly Change[]; readonly cut: number }
  | { readonly kind: 'whole'; readonly change: Change };

const cases: fc.Arbitrary<Case> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('bytes'),
      parts: fc.array(fc.uint8Array({ maxLength: 700, size: 'max' }), { maxLength: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('hello'),
      changes: fc.array(change(600), { maxLength: 4 }),
      cut: fc.nat(600),
    }),
  },
  {
    weight: 10 / WHOLE_OF,
    arbitrary: fc.record({ kind: fc.constant('whole'), change: change(900) }),
  },
);

/** Resolves when the other side has closed as well. */
const closed = async (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it is not hung up on')), ANSWER_MS);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });

const sendParts = async (port: number, parts: readonly Uint8Array[]): Promise<void> => {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  const gone = closed(socket);
  socket.resume();
  const writeFrom = (index: number): void => {
    const part = parts[index];
    if (part === undefined) socket.end();
    else socket.write(part, () => setImmediate(writeFrom, index + 1));
  };
  writeFrom(0);
  await gone;
};

/** A client of Node's, of whose bytes one is changed on their way. */
const speak = async (port: number, wanted: Change): Promise<void> => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const gone = closed(socket);
  let sent = 0;
  let idle: NodeJS.Timeout | undefined;
  const way = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      const changed = applied(chunk, { ...wanted, at: wanted.at - sent });
      const isNow = wanted.at >= sent && wanted.at < sent + chunk.length;
      sent += chunk.length;
      socket.write(isNow ? changed : chunk);
      if (isNow) idle = setTimeout(() => socket.end(), IDLE_MS);
      done();
    },
    final: (done) => {
      socket.end();
      done();
    },
  });
  socket.on('data', (chunk: Buffer) => way.push(chunk));
  socket.once('end', () => way.push(null));
  const client = connectTls({ socket: way, rejectUnauthorized: false });
  client.on('error', () => socket.end());
  client.once('secureConnect', () => client.end(QUESTION));
  client.resume();
  await gone;
  clearTimeout(idle);
  client.destroy();
  way.destroy();
};

test(
  'the native platform hangs up on handshakes that are none, and lives on',
  { timeout: TEST_MS },
  async (context) => {
    if (!SANITIZED.ok) return context.skip(`${SANITIZED.reason}. To have it: ${SANITIZED.install}`);
    const running = startNativePlatform(SANITIZED.path);
    onTestFinished(async () => running.stop());
    const { tls, crypto, network } = running.platform;
    if (tls === undefined) throw new Error('the sanitized build has no TLS');
    let accepted = 0;
    let over = 0;
    let whole = 0;
    const opened: string[] = [];
    const listening = await network.listen(
      { kind: 'tcp', host: '127.0.0.1', port: 0 },
      (connection) => {
        accepted += 1;
        let text = '';
        return {
          data: (chunk) => {
            if (connection.encrypted()) text += Buffer.from(chunk).toString('latin1');
          },
          ended: () => connection.end(),
          drained: () => undefined,
          closed: () => {
            over += 1;
            if (text !== '') opened.push(text);
          },
        };
      },
    );
    if (!listening.ok) throw new Error(listening.error.message);
    const { value: listener } = listening;
    onTestFinished(() => listener.close());
    listener.encrypt(makeTlsIdentity({ tls, crypto }));
    const port = listener.port ?? 0;
    const hello = await recordHello();

    const send = async (one: Case): Promise<void> => {
      if (one.kind === 'whole') {
        whole += 1;
        await speak(port, one.change);
      } else if (one.kind === 'hello') {
        const bytes = one.changes.reduce(applied, hello);
        await sendParts(port, [bytes.subarray(0, one.cut), bytes.subarray(one.cut)]);
      } else {
        await sendParts(port, [Uint8Array.from([0x16]), ...one.parts]);
      }
    };
    await fc.assert(fc.asyncProperty(cases, send), {
      numRuns: RUNS,
      ...(SEED !== undefined && { seed: Number(SEED) }),
    });

    await waitUntil('the last connection is over', () => over === accepted);
    // What was changed on its way is never opened, and what was not is opened as it was.
    expect(new Set(opened)).toStrictEqual(new Set([QUESTION]));
    expect(opened.length).toBeGreaterThan(whole / 20);
    expect(opened.length).toBeLessThan(whole);
    return undefined;
  },
);
