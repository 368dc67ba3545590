/** The native agent over TLS, asked by clients that are not ours, and by some that are not honest. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { connect, TLSSocket, type ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import {
  NATIVE_WITH_TLS,
  residentBytes,
  startAgent,
  type AgentProcess,
} from '../support/agent-process.ts';
import { ask } from '../support/http-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { findProgram } from '../support/install-script.ts';
import { orSkip } from '../support/obtained.ts';
import { keepTlsState } from '../support/tls-state.ts';
import { waitUntil } from '../support/wait-until.ts';

const run = promisify(execFile);
const VM_ID = 'vm-1';
const REQUEST_MS = 10_000;
const MEGABYTE = 1_000_000;
const LARGE = randomBytes(2 * MEGABYTE);
const manager = makeManagerKey();
const token = (): Record<string, string> =>
  bearer(
    manager.sign({ aud: VM_ID, scope: 'metrics logs exec files power', exp: secondsFromNow(60) }),
  );

const questionFor = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: ${token()['authorization'] ?? ''}\r\n${more}\r\n`;

let folder = '';
let agent: AgentProcess | undefined;
const sockets = new Set<{ destroy(): unknown }>();

beforeAll(async () => {
  if (!NATIVE_WITH_TLS.ok) return;
  folder = mkdtempSync(join(tmpdir(), 'native-tls-'));
  keepTlsState(folder, VM_ID, [manager.publicKey]);
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files', 'large'), LARGE);
  agent = await startAgent({
    build: { name: 'the native binary with TLS', command: [NATIVE_WITH_TLS.path] },
    config: {
      vm_id: VM_ID,
      manager_keys: [manager.publicKey],
      state_dir: folder,
      file_prefixes: [join(folder, 'files')],
      file_max_bytes: 4 * MEGABYTE,
    },
  });
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(async () => {
  if (agent !== undefined) expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
  rmSync(folder, { recursive: true, force: true });
});

const running = (context: TestContext): AgentProcess => {
  orSkip(context, 'the native agent with TLS', NATIVE_WITH_TLS);
  if (agent === undefined) throw new Error('it was not started');
  return agent;
};

const dial = async (port: number, options: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  sockets.add(socket);
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
};

describe('by others', () => {
  test('OpenSSL has TLS 1.2, nothing older, and a session again', async (context) => {
    const { port } = running(context);
    if (findProgram('openssl') === undefined) return context.skip('there is no openssl here');
    const sessionFile = join(folder, 'session.pem');
    const client = async (...args: readonly string[]): Promise<string> => {
      const asked = run(
        'openssl',
        ['s_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', ...args],
        { timeout: REQUEST_MS },
      );
      asked.child.stdin?.end(questionFor('/health', 'connection: close\r\n'));
      return asked.then(
        ({ stdout }) => stdout,
        (error: unknown) => String(error),
      );
    };
    const first = await client('-sess_out', sessionFile);
    expect(first).toMatch(/New, TLSv1\.2, Cipher is ECDHE-ECDSA-/u);
    expect(first).toContain('Secure Renegotiation IS supported');
    expect(first).toContain('"boot_id"');
    expect(await client('-sess_in', sessionFile)).toMatch(/Reused, TLSv1\.2/u);
    for (const cipher of [
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
    ]) {
      expect(await client('-cipher', cipher)).toContain('"boot_id"');
    }
    for (const refused of [
      ['-tls1_3'],
      ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
      ['-cipher', 'ECDHE-ECDSA-AES128-SHA256'],
      ['-cipher', 'AES128-GCM-SHA256'],
    ]) {
      expect(await client(...refused), refused.join(' ')).not.toContain('"boot_id"');
    }
    return undefined;
  });

  test('curl has an answer, and several over one connection', async (context) => {
    const { port } = running(context);
    if (findProgram('curl') === undefined) return context.skip('there is no curl here');
    const url = `https://127.0.0.1:${port}/health`;
    const header = `authorization: ${token()['authorization'] ?? ''}`;
    const { stdout } = await run(
      'curl',
      ['-sk', '-H', header, '-w', '%{num_connects} ', url, url, url],
      {
        timeout: REQUEST_MS,
      },
    );
    expect(stdout.match(/"boot_id"/gu)).toHaveLength(3);
    expect(stdout.match(/\b[01] /gu)).toStrictEqual(['1 ', '0 ', '0 ']);
    return undefined;
  });

  test('Node keeps its connection, and comes back without another signature', async (context) => {
    const { port } = running(context);
    const client = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    sockets.add(client);
    const askOnce = async (): Promise<{ readonly reused: boolean; readonly isOld: boolean }> =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, path: '/health', agent: client };
        const asked = request(options, (answer) => {
          const { socket } = answer;
          const isOld = asked.reusedSocket;
          const reused = socket instanceof TLSSocket && socket.isSessionReused();
          answer.resume().once('end', () => resolve({ reused, isOld }));
        });
        asked.once('error', reject).end();
      });
    expect(await askOnce()).toStrictEqual({ reused: false, isOld: false });
    expect(await askOnce()).toStrictEqual({ reused: false, isOld: true });
    for (const idle of Object.values(client.freeSockets)) idle?.[0]?.destroy();
    expect(await askOnce()).toStrictEqual({ reused: true, isOld: false });
  });
});

/** So many bytes at once go out; the socket below can be ended without a word of TLS. */
const dialThrough = async (port: number, most: number) => {
  const socket = connectPlain({ host: '127.0.0.1', port, noDelay: true });
  sockets.add(socket);
  const way = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      const writeFrom = (at: number): void => {
        if (at >= chunk.length) done();
        else socket.write(chunk.subarray(at, at + most), () => setImmediate(writeFrom, at + most));
      };
      writeFrom(0);
    },
  });
  socket.on('data', (chunk: Buffer) => way.push(chunk));
  return { socket, client: await dial(port, { socket: way }) };
};

const largeQuestion = (): string =>
  questionFor(`/files?path=${encodeURIComponent(join(folder, 'files', 'large'))}`);

const gone = async (socket: { once(event: 'close', heard: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });

describe('by whoever', () => {
  test('is slow: two megabytes arrive whole, and wait in the kernel and not twice here', async (context) => {
    const { port, pid } = running(context);
    const before = residentBytes(pid);
    const socket = await dial(port);
    socket.pause();
    socket.write(largeQuestion());
    await new Promise((resolve) => setTimeout(resolve, 100));
    const chunks: Buffer[] = [];
    let length = 0;
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    socket.resume();
    await waitUntil('all of it is here', () => length > LARGE.length, 20_000);
    const answer = Buffer.concat(chunks);
    const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
    expect(body.equals(LARGE)).toBe(true);
    expect(residentBytes(pid) - before).toBeLessThan(4 * LARGE.length);
  });

  test('writes byte by byte', async (context) => {
    const { port } = running(context);
    const { client } = await dialThrough(port, 1);
    client.write(questionFor('/health'));
    const answer = await new Promise<Buffer>((resolve) => client.once('data', resolve));
    expect(String(answer)).toContain('HTTP/1.1 200 OK');
  });

  test('begins handshakes and leaves them: others are served, and the memory comes back', async (context) => {
    const { port, pid, address } = running(context);
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) {
        const halves = Array.from({ length: 40 }, () => {
          const socket = connectPlain({ host: '127.0.0.1', port });
          sockets.add(socket);
          socket.on('error', () => undefined);
          socket.write(Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]));
          return socket;
        });
        await Promise.all(halves.map(async (socket) => once(socket, 'connect')));
        const client = await dial(port);
        client.write(questionFor('/health'));
        await once(client, 'data');
        expect((await ask(address, '/health')).status).toBe(200);
        for (const socket of [...halves, client]) socket.destroy();
        sockets.clear();
      }
    };
    await rounds(5);
    const before = residentBytes(pid);
    await rounds(20);
    expect(residentBytes(pid) - before).toBeLessThan(MEGABYTE);
  });

  test('ends in the middle of a request without saying so is not answered', async (context) => {
    const { port } = running(context);
    const { client, socket } = await dialThrough(port, 65_536);
    const heard: Buffer[] = [];
    client.on('data', (chunk: Buffer) => heard.push(chunk));
    const written = new Promise((resolve) => {
      client.write('GET /health HTTP/1.1\r\nhost: a\r\n', resolve);
    });
    await written;
    const closed = gone(socket);
    socket.end();
    await closed;
    expect(heard).toStrictEqual([]);
  });

  test('speaks plainly on this machine is answered so', async (context) => {
    const { address } = running(context);
    expect((await ask(address, '/health')).json()).toMatchObject({ tls: 'required' });
    expect((await ask({ ...address, isTls: true }, '/health')).status).toBe(200);
  });
});
