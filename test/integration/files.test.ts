/** Files of the guest: what may be read and written, whole or not at all, and what leads nowhere. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, fileListSchema, fileWrittenSchema } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_WAYS } from '../support/agent-process.ts';
import { startEnrolled, type EnrolledAgent } from '../support/enrolled-agent.ts';
import type { HttpReply } from '../support/http-client.ts';

const isRoot = process.getuid?.() === 0;
const MAX_BYTES = 200_000;

const refusalOf = (reply: HttpReply): string =>
  reply.status < 400
    ? String(reply.status)
    : `${reply.status} ${errorBodySchema.parse(reply.json()).error.code}`;

describe.each(AGENT_WAYS)('$name', (build) => {
  let folder = '';
  let guest: EnrolledAgent;
  const at = (...parts: readonly string[]): string => join(folder, 'allowed', ...parts);
  const target = (path: string, more = ''): string =>
    `/files?path=${encodeURIComponent(path)}${more}`;
  const get = async (path: string, headers = {}): Promise<HttpReply> =>
    guest.ask('GET', target(path), undefined, headers);
  const put = async (path: string, body: unknown, more = ''): Promise<HttpReply> =>
    guest.ask('PUT', target(path, more), body);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agent-files-'));
    chmodSync(folder, 0o755);
    mkdirSync(at(), { recursive: true });
    mkdirSync(join(folder, 'allowed-not'));
    writeFileSync(join(folder, 'allowed-not', 'file'), 'no');
    writeFileSync(join(folder, 'secret'), 'no');
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real', 'file'), 'through a link of the owner');
    symlinkSync(join(folder, 'real'), join(folder, 'linked'));
    guest = await startEnrolled({
      build,
      config: {
        file_prefixes: [join(folder, 'allowed'), join(folder, 'linked'), '/proc/self'],
        file_max_bytes: MAX_BYTES,
      },
    });
  });
  afterAll(async () => {
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
    rmSync(folder, { recursive: true });
  });

  test('reads the bytes of a file as they are, and says what it is', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 195, 40, 0]);
    writeFileSync(at('bytes'), bytes);
    chmodSync(at('bytes'), 0o640);
    const reply = await get(at('bytes'));
    expect(reply.status).toBe(200);
    expect(reply.bytes.equals(bytes)).toBe(true);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '7',
      'file-mode': '0640',
      'accept-ranges': 'bytes',
    });
    expect(Date.parse(reply.headers['last-modified'] ?? '')).toBeGreaterThan(Date.now() - 60_000);
    const head = await guest.ask('HEAD', target(at('bytes')));
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '7', '']);
  });

  test.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=8-', 206, '89', 'bytes 8-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-100', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=5-4', 200, '0123456789', undefined],
    ['bytes=0-1,4-5', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
  ])('reads the part %s', async (range, status, text, contentRange) => {
    writeFileSync(at('digits'), '0123456789');
    const reply = await get(at('digits'), { range });
    expect([reply.status, reply.text, reply.headers['content-range']]).toEqual([
      status,
      text,
      contentRange,
    ]);
  });

  test('refuses a part that there is not, and reads a large file in parts', async () => {
    writeFileSync(at('digits'), '0123456789');
    expect(refusalOf(await get(at('digits'), { range: 'bytes=10-' }))).toBe('416 range');
    writeFileSync(at('sparse'), 'start');
    truncateSync(at('sparse'), 5_000_000_000);
    expect(refusalOf(await get(at('sparse')))).toBe('413 too_large');
    const part = await get(at('sparse'), { range: 'bytes=4999999990-' });
    expect([part.status, part.bytes.length]).toEqual([206, 10]);
    const first = await get(at('sparse'), { range: 'bytes=0-' });
    expect([first.status, first.bytes.length]).toEqual([206, MAX_BYTES]);
    expect(first.headers['content-range']).toBe(`bytes 0-${MAX_BYTES - 1}/5000000000`);
  });

  test('reads files of proc, which have no size', async () => {
    const reply = await get('/proc/self/status');
    expect(reply.status).toBe(200);
    expect(reply.text).toMatch(new RegExp(`^Pid:\\s+${guest.agent.pid}$`, 'mu'));
    expect(refusalOf(await get('/proc/self/root/etc/passwd'))).toBe('403 forbidden');
    expect(refusalOf(await get('/proc/self/cwd'))).toBe('403 forbidden');
    expect(refusalOf(await get('/proc/self/exe'))).toBe('403 forbidden');
  });

  test('writes a file, whole, with its mode, and keeps the mode of one that it replaces', async () => {
    const first = await put(at('new'), 'one', '&mode=0600');
    expect(fileWrittenSchema.strict().parse(first.json())).toEqual({
      path: at('new'),
      size_bytes: 3,
      mode: '0600',
      created: true,
    });
    expect(lstatSync(at('new')).mode & 0o777).toBe(0o600);
    const second = await put(at('new'), Buffer.from([1, 2, 255]));
    expect(second.json()).toMatchObject({ mode: '0600', created: false });
    expect(readFileSync(at('new'))).toEqual(Buffer.from([1, 2, 255]));
    expect((await put(at('plain'), '')).json()).toMatchObject({ mode: '0644', size_bytes: 0 });
    expect(readdirSync(at()).filter((name) => name.startsWith('.guest-agent'))).toEqual([]);
  });

  test('keeps the owner of a file that it replaces, and leaves other names of it alone', async (context) => {
    writeFileSync(at('owned'), 'old');
    linkSync(at('owned'), at('other-name'));
    if (isRoot) chownSync(at('owned'), 12, 34);
    expect((await put(at('owned'), 'new')).status).toBe(200);
    expect(readFileSync(at('other-name'), 'utf8')).toBe('old');
    if (!isRoot) return context.skip('only root gives files away');
    const { uid, gid } = lstatSync(at('owned'));
    return expect([uid, gid]).toEqual([12, 34]);
  });

  test('takes a large file from who has a token, and no larger one', async () => {
    const body = Buffer.alloc(MAX_BYTES, 'x');
    expect((await put(at('large'), body)).status).toBe(200);
    expect(lstatSync(at('large')).size).toBe(MAX_BYTES);
    expect((await get(at('large'))).bytes.equals(body)).toBe(true);
    expect(refusalOf(await put(at('larger'), Buffer.alloc(MAX_BYTES + 1)))).toBe(
      '413 body_too_large',
    );
  });

  test('makes the folders on the way only when asked to', async () => {
    expect(refusalOf(await put(at('a/b/c'), 'x'))).toBe('404 not_found');
    expect((await put(at('a/b/c'), 'x', '&create_folders=true')).status).toBe(200);
    expect(readFileSync(at('a/b/c'), 'utf8')).toBe('x');
  });

  test('lists a folder', async () => {
    mkdirSync(at('list/inner'), { recursive: true });
    writeFileSync(at('list/file'), 'four');
    symlinkSync('file', at('list/link'));
    const list = fileListSchema.parse((await get(at('list'))).json());
    expect(list.entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['file', 'file'],
      ['inner', 'folder'],
      ['link', 'link'],
    ]);
    expect(fileListSchema.parse((await get(at())).json()).entries.length).toBeGreaterThan(1);
  });

  test('goes through a folder of the settings that is a link', async () => {
    expect((await get(join(folder, 'linked', 'file'))).text).toBe('through a link of the owner');
  });

  test('reads and writes nothing that a path leads out to', async () => {
    symlinkSync(join(folder, 'secret'), at('to-secret'));
    symlinkSync(folder, at('to-folder'));
    symlinkSync('/nowhere', at('dangling'));
    const outside = [
      [join(folder, 'secret'), '403 forbidden'],
      [join(folder, 'allowed-not', 'file'), '403 forbidden'],
      [`${at()}/../secret`, '422 invalid'],
      [`${at()}/./new`, '422 invalid'],
      [`${at()}//new`, '422 invalid'],
      [`${at()}/`, '422 invalid'],
      ['new', '422 invalid'],
      ['', '422 invalid'],
      [`${at('new')}\0`, '422 invalid'],
      [at('to-secret'), '403 forbidden'],
      [at('to-folder/secret'), '403 forbidden'],
      [at('dangling'), '403 forbidden'],
      ['/etc/passwd', '403 forbidden'],
      ['/', '403 forbidden'],
      [at('x'.repeat(300)), '422 invalid'],
    ] as const;
    for (const [path, expected] of outside) {
      expect([path, refusalOf(await get(path))]).toEqual([path, expected]);
      expect([path, refusalOf(await put(path, 'overwritten'))]).toEqual([path, expected]);
    }
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('no');
    expect(readFileSync(join(folder, 'allowed-not', 'file'), 'utf8')).toBe('no');
  });

  test('refuses what is no file', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    mkdirSync(at('folder'));
    expect(refusalOf(await get(at('fifo')))).toBe('422 invalid');
    expect(refusalOf(await put(at('fifo'), 'x'))).toBe('422 invalid');
    expect(refusalOf(await put(at('folder'), 'x'))).toBe('422 invalid');
    expect(refusalOf(await put(at(), 'x'))).toBe('422 invalid');
    expect(refusalOf(await get(at('nothing')))).toBe('404 not_found');
    expect(refusalOf(await get(at('plain', 'below')))).toBe('404 not_found');
    expect(refusalOf(await put(at('y'), 'x', '&mode=777777'))).toBe('422 invalid');
    expect(refusalOf(await put(at('y'), 'x', '&mode=4755'))).toBe('422 invalid');
    expect(refusalOf(await put(at('y'), 'x', '&create_folders=yes'))).toBe('422 invalid');
    expect(refusalOf(await guest.ask('GET', '/files'))).toBe('422 invalid');
  });

  test('is not led astray by a folder that turns into a link and back', async () => {
    mkdirSync(at('flip'));
    writeFileSync(at('flip/secret'), 'right');
    symlinkSync(folder, at('flip-link'));
    // Exchanges folder and link as fast as it can: whoever resolves the path first is fooled.
    const racer = spawn(
      process.execPath,
      [
        '-e',
        `const {renameSync:r}=require('fs');for(;;){r('flip','t');r('flip-link','flip');r('flip','flip-link');r('t','flip')}`,
      ],
      { cwd: at(), stdio: 'ignore' },
    );
    onTestFinished(() => void racer.kill('SIGKILL'));
    const seen = new Set<string>();
    for (let count = 0; count < 60; count += 1) {
      const reply = await get(at('flip/secret'));
      seen.add(reply.status === 200 ? reply.text : String(reply.status));
      await put(at('flip/secret'), 'right');
    }
    racer.kill('SIGKILL');
    expect(seen.has('no')).toBe(false);
    expect(seen.has('right')).toBe(true);
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('no');
  });

  test('is never seen half written', async () => {
    const sizes = [1_000, 150_000];
    await put(at('atomic'), Buffer.alloc(1_000, '0'));
    let isDone = false;
    const reader = (async (): Promise<number> => {
      let reads = 0;
      while (!isDone) {
        const bytes = readFileSync(at('atomic'));
        if (!sizes.includes(bytes.length) || new Set(bytes).size !== 1) throw new Error('torn');
        reads += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return reads;
    })();
    for (let count = 0; count < 20; count += 1) {
      const size = sizes[count % 2] ?? 0;
      expect((await put(at('atomic'), Buffer.alloc(size, String(count % 10)))).status).toBe(200);
    }
    isDone = true;
    expect(await reader).toBeGreaterThan(5);
  });

  test('logs who read and wrote what', () => {
    const messages = guest.agent.log().filter(({ fields }) => fields['path'] === at('new'));
    expect(messages).toMatchObject([
      { message: 'file written', fields: { subject: 'ann', size_bytes: 3 } },
      { message: 'file written', fields: { subject: 'ann' } },
    ]);
  });
});

describe.each(AGENT_WAYS)('$name, as it comes', (build) => {
  test('reads and writes no files', async () => {
    const guest = await startEnrolled({ build });
    onTestFinished(async () => void (await guest.agent.kill()));
    for (const method of ['GET', 'PUT']) {
      const reply = await guest.ask(method, '/files?path=/etc/hostname', '');
      expect(refusalOf(reply)).toBe('403 forbidden');
      expect(reply.text).toContain('file_prefixes');
    }
  });
});
