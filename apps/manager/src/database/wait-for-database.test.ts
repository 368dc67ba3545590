import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keepLog } from '../../../../test/support/postgres-log.ts';
import { startTestServer, type TestServer } from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { waitForDatabase } from './wait-for-database.ts';

let server: TestServer;
const listeners: Server[] = [];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => server.remove());
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
});

const never = new AbortController().signal;
const FAST = { firstDelayMs: 5 };

test('a server that runs: its version', async () => {
  const log = keepLog();
  const options = { address: { url: server.url }, log, signal: never };
  expect(await waitForDatabase(options)).toStrictEqual({ ok: true, major: server.major });
  expect(log.lines).toStrictEqual([]);
});

test('a server that is down is waited for; said once, and when it is there', async () => {
  const log = keepLog();
  await server.stop();
  const waiting = waitForDatabase({ address: { url: server.url }, log, signal: never, ...FAST });
  await waitUntil('it is said', () => log.lines.length > 0);
  await server.start();
  expect(await waiting).toMatchObject({ ok: true });
  expect(log.lines.at(0)).toBe('warn waiting for the database');
  expect(log.lines.at(-1)).toBe('info the database answers');
  const reasons = log.fields.map(({ reason }) => reason);
  expect(new Set(reasons).size).toBe(reasons.length);
});

test('waiting ends when it is told to', async () => {
  const log = keepLog();
  const abort = new AbortController();
  const waiting = waitForDatabase({
    address: { url: 'postgres://ann:secret@127.0.0.1:1/inn' },
    log,
    signal: abort.signal,
  });
  await waitUntil('it is said', () => log.lines.length > 0);
  abort.abort();
  expect(await waiting).toMatchObject({ ok: false });
  expect(log.fields).toMatchObject([{ address: '127.0.0.1:1 (database inn)' }]);
  expect(JSON.stringify(log.fields)).not.toContain('secret');
});

test('a database that does not exist is a sentence at once', async () => {
  const address = { url: server.urlOf('nowhere') };
  const waited = await waitForDatabase({ address, log: keepLog(), signal: never });
  expect(waited).toMatchObject({ ok: false });
  expect(waited).toHaveProperty('problem', expect.stringContaining('CREATE DATABASE'));
});

test('a user that does not exist is a sentence at once', async () => {
  const address = { url: server.url.replace('innkeeper@', 'stranger:secret@') };
  const waited = await waitForDatabase({ address, log: keepLog(), signal: never });
  expect(waited).toHaveProperty('problem', expect.stringContaining('stranger'));
  expect(JSON.stringify(waited)).not.toContain('secret');
});

test('a certificate file that is missing is a sentence at once', async () => {
  const address = { url: `${server.url}?sslrootcert=/nowhere/ca.pem` };
  const waited = await waitForDatabase({ address, log: keepLog(), signal: never });
  expect(waited).toHaveProperty('problem', expect.stringContaining('/nowhere/ca.pem'));
});

/** AuthenticationOk, then ReadyForQuery, then one row for the question about the version. */
const answerAs = (version: string): Buffer[] => {
  const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(5);
    head.write(type, 0);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
  const int32 = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 0xff]);
  const column = (name: string, type: number): Buffer =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(0),
      int16(0),
      int32(type),
      int16(4),
      int32(0),
      int16(0),
    ]);
  const value = (text: string): Buffer => Buffer.concat([int32(text.length), Buffer.from(text)]);
  return [
    Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]),
    Buffer.concat([
      message('T', int16(2), column('version', 25), column('writable', 16)),
      message('D', int16(2), value(version), value('t')),
      message('C', Buffer.from('SELECT 1\0')),
      message('Z', Buffer.from('I')),
    ]),
  ];
};

test('a server that is too old is a sentence that names the versions', async () => {
  const listener = createServer((socket) => {
    const answers = answerAs('130014');
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(answers.shift() ?? Buffer.alloc(0)));
  });
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = addressOf(listener);
  const address = { url: `postgres://ann:secret@127.0.0.1:${port}/inn?sslmode=disable` };
  expect(await waitForDatabase({ address, log: keepLog(), signal: never })).toStrictEqual({
    ok: false,
    problem: `the database at 127.0.0.1:${port} (database inn) is Postgres 13: version 14 to 18 is needed`,
  });
});

const addressOf = (listener: Server): AddressInfo => {
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen on TCP');
  return address;
};
