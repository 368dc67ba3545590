/** The files of the UI, over HTTP. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type HttpReply } from '../../../../test/support/http-client.ts';
import { makeRecordingLog } from '../../../../test/support/http-served-app.ts';
import { listen, type Listening } from '../http/listen.ts';
import { makePages } from './serve-pages.ts';

let folder = '';
let server: Listening | undefined;
const failures: unknown[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-pages-'));
  mkdirSync(join(folder, 'ui', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'not for anybody');
  writeFileSync(join(folder, 'ui', 'index.html'), '<!doctype html><title>the page</title>');
  writeFileSync(join(folder, 'ui', 'begin.js'), 'begin');
  writeFileSync(join(folder, 'ui', '.built-from'), 'hash');
  writeFileSync(join(folder, 'ui', 'assets', 'index-1a2b.js'), 'asset');
  const script = 'console.log(1);'.repeat(100);
  writeFileSync(join(folder, 'ui', 'assets', 'large-3c4d.js'), script);
  writeFileSync(join(folder, 'ui', 'assets', 'large-3c4d.js.br'), brotliCompressSync(script));
  writeFileSync(join(folder, 'ui', 'assets', 'large-3c4d.js.gz'), gzipSync(script));
  writeFileSync(join(folder, 'ui', 'assets', 'gone-5e6f.js'), script);
  writeFileSync(join(folder, 'ui', 'assets', 'gone-5e6f.js.gz'), gzipSync(script));
  writeFileSync(join(folder, 'ui', 'only.exe.gz'), 'x');
  const app = express();
  const pages = makePages(join(folder, 'ui'));
  if (pages === undefined) throw new Error('there is an index.html');
  for (const name of ['gone-5e6f.js', 'gone-5e6f.js.gz']) {
    rmSync(join(folder, 'ui', 'assets', name));
  }
  app.use(pages);
  app.use((_request, response) => {
    response.status(404).end('none');
  });
  app.use(
    (
      error: unknown,
      _request: express.Request,
      response: express.Response,
      _next: express.NextFunction,
    ) => {
      failures.push(error);
      response.status(500).end();
    },
  );
  const { log } = makeRecordingLog();
  const served = await listen({ handler: app, host: '127.0.0.1', port: 0, log });
  if (!served.ok) throw new Error(served.problem);
  server = served.listening;
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<HttpReply> => {
  if (server === undefined) throw new Error('not started');
  return ask(server, path, { method, headers });
};
const HTML = { accept: 'text/html,*/*;q=0.8' };

describe('a page', () => {
  test.each(['/vms/abc', '/settings', '/%00', '/%2fetc'])('is %s for a browser', async (path) => {
    const reply = await get(path, HTML);
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('the page');
    expect(reply.headers['cache-control']).toBe('no-cache');
  });

  test('is / for everybody', async () => {
    expect((await get('/')).text).toContain('the page');
  });

  test.each(['/metrics/', '/vms', '//v1/vms'])('is not %s for a program', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test.each(['/v1/none', '/socket.io/none', '/assets/none.js', '/none.js', '/.built-from'])(
    'is not %s',
    async (path) => {
      expect((await get(path, HTML)).status).toBe(404);
    },
  );

  test('is there for reading only', async () => {
    expect((await get('/', HTML, 'POST')).status).toBe(404);
    const head = await get('/vms', HTML, 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
  });
});

describe('a file', () => {
  test.each([
    ['/assets/index-1a2b.js', 'public, max-age=31536000, immutable'],
    ['/begin.js', 'no-cache'],
    ['/index.html', 'no-cache'],
    ['/assets/../index.html', 'no-cache'],
  ])('%s may be kept: %s', async (path, expected) => {
    const reply = await get(path);
    expect([reply.status, reply.headers['cache-control']]).toEqual([200, expected]);
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/../../secret.txt',
  ])('outside of the folder is not sent: %s', async (path) => {
    const reply = await get(path, HTML);
    expect(reply.text).not.toContain('not for anybody');
  });
});

describe('a file that was compressed when it was built', () => {
  const LARGE = '/assets/large-3c4d.js';
  /** Unpacked on the way. */
  const fetchText = async (encodings: string): Promise<string> => {
    if (server === undefined) throw new Error('not started');
    const headers = { 'accept-encoding': encodings };
    return (await fetch(`http://127.0.0.1:${server.port}${LARGE}`, { headers })).text();
  };

  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
  ] as const)('is sent to who accepts %s as %s', async (accepted, encoding) => {
    const reply = await get(LARGE, { 'accept-encoding': accepted });
    expect([reply.status, reply.headers['content-encoding']]).toEqual([200, encoding]);
    expect(reply.headers['content-type']).toMatch(/^text\/javascript/u);
    expect(reply.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(reply.headers.vary).toMatch(/accept-encoding/iu);
    const file = readFileSync(join(folder, 'ui', `${LARGE}.${encoding === 'br' ? 'br' : 'gz'}`));
    expect(reply.headers['content-length']).toBe(String(file.length));
    expect(await fetchText(accepted)).toBe('console.log(1);'.repeat(100));
  });

  test.each(['', 'identity', 'zstd', 'br;q=0, gzip;q=0'])(
    'is sent as it is for %j',
    async (accepted) => {
      const reply = await get(LARGE, { 'accept-encoding': accepted });
      expect([reply.headers['content-encoding'], reply.text.length]).toEqual([undefined, 1_500]);
      expect(reply.headers.vary).toMatch(/accept-encoding/iu);
    },
  );

  test('is not sent again to who has it', async () => {
    const first = await get(LARGE, { 'accept-encoding': 'br' });
    const { etag = '' } = first.headers;
    const again = await get(LARGE, { 'accept-encoding': 'br', 'if-none-match': etag });
    expect([again.status, again.text]).toEqual([304, '']);
    const packed = await get(LARGE, { 'accept-encoding': 'gzip', 'if-none-match': etag });
    expect(packed.status).toBe(200);
  });

  test('is not there when it was removed since', async () => {
    const reply = await get('/assets/gone-5e6f.js', { 'accept-encoding': 'gzip' });
    expect([reply.status, reply.text]).toEqual([404, 'none']);
  });

  test.each(['/assets/%2e%2e/assets/large-3c4d.js', '//assets/large-3c4d.js', '/only.exe'])(
    'has one name: %s is never compressed',
    async (path) => {
      const reply = await get(path, { 'accept-encoding': 'br, gzip' });
      expect(reply.headers['content-encoding']).toBeUndefined();
    },
  );

  test('that may not be had is no error', async () => {
    const reply = await get(LARGE, { 'accept-encoding': 'br', 'if-match': '"x"' });
    expect([reply.status, reply.headers['content-encoding']]).toEqual([412, undefined]);
    expect(failures).toEqual([]);
  });
});

test.each([
  ['/', { range: 'bytes=9999-' }, 200],
  ['/begin.js', { range: 'bytes=9999-' }, 200],
  ['/', { 'if-match': '"x"' }, 412],
  ['/begin.js', { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 412],
])('what cannot be met is no error of the manager: %s %j', async (path, headers, status) => {
  expect((await get(path, headers)).status).toBe(status);
  expect(failures).toEqual([]);
});

test('without an index.html there are no pages', () => {
  expect(makePages(join(folder, 'nowhere'))).toBeUndefined();
});
