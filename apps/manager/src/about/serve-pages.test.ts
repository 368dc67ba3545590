/** The files of the UI, over HTTP. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  writeFileSync(join(folder, 'ui', 'theme.js'), 'theme');
  writeFileSync(join(folder, 'ui', '.built-from'), 'hash');
  writeFileSync(join(folder, 'ui', 'assets', 'index-1a2b.js'), 'asset');
  const app = express();
  const pages = makePages(join(folder, 'ui'));
  if (pages === undefined) throw new Error('there is an index.html');
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
    ['/theme.js', 'no-cache'],
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

test.each([
  ['/', { range: 'bytes=9999-' }, 200],
  ['/theme.js', { range: 'bytes=9999-' }, 200],
  ['/', { 'if-match': '"x"' }, 412],
  ['/theme.js', { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 412],
])('what cannot be met is no error of the manager: %s %j', async (path, headers, status) => {
  expect((await get(path, headers)).status).toBe(status);
  expect(failures).toEqual([]);
});

test('without an index.html there are no pages', () => {
  expect(makePages(join(folder, 'nowhere'))).toBeUndefined();
});
