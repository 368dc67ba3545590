/** The routes of downloads, over HTTP, with artefacts of their own. */
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { outcomeOf, serveApp, type ServedApp } from '../../../../test/support/http-served-app.ts';
import { readArtefacts, VERSION_FILE } from './artefacts.ts';
import { makeDownloadLimit } from './download-limit.ts';
import { makeDownloadRoutes, type Download } from './download-routes.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const BYTES = Buffer.from([0x7f, 0x45, 0, 0xff, 0x0a, 0xc3]);
const SHA = createHash('sha256').update(BYTES).digest('hex');
const SHA_OF_UNIT = createHash('sha256').update('[Unit]\n').digest('hex');
let folder = '';
let app: ServedApp;
const downloads: Download[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-artefacts-'));
  writeFileSync(join(folder, 'guest-agent-linux-x64'), BYTES);
  writeFileSync(join(folder, 'guest-agent.service'), '[Unit]\n');
  writeFileSync(join(folder, VERSION_FILE), '1.2.3\n');
  writeFileSync(join(folder, 'a name with blanks'), 'x');
  writeFileSync(join(tmpdir(), `outside-${process.pid}`), 'secret');
  symlinkSync(join(tmpdir(), `outside-${process.pid}`), join(folder, 'linked'));
  mkdirSync(join(folder, 'sub'));
  app = await serveApp({
    routes: makeDownloadRoutes({
      artefacts: readArtefacts(folder),
      signingKey: () => privateKey,
      clock: { monotonicMs: () => 0 },
      onDownload: (download) => downloads.push(download),
    }),
  });
});
afterAll(async () => {
  await app.stop();
  rmSync(folder, { recursive: true });
  rmSync(join(tmpdir(), `outside-${process.pid}`));
});

const fetchBytes = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`http://${app.host}:${app.port}${path}`, { headers });

describe('an artefact', () => {
  test('comes byte for byte, with its checksum as its tag', async () => {
    const reply = await fetchBytes('/download/guest-agent-linux-x64');
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(BYTES);
    expect(reply.headers.get('content-type')).toBe('application/octet-stream');
    expect(reply.headers.get('content-length')).toBe(String(BYTES.length));
    expect(reply.headers.get('etag')).toBe(`"${SHA}"`);
    expect(reply.headers.get('cache-control')).toBe('no-cache');
  });

  test.each([`"${SHA}"`, `"x", W/"${SHA}"`])('is not sent again to who has %s', async (tag) => {
    const reply = await app.ask('/download/guest-agent-linux-x64', {
      headers: { 'if-none-match': tag },
    });
    expect([reply.status, reply.text]).toEqual([304, '']);
  });

  test('can be asked for its size alone', async () => {
    const reply = await app.ask('/download/guest-agent-linux-x64', { method: 'HEAD' });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(reply.headers['content-length']).toBe(String(BYTES.length));
  });

  test('tells for which VM it was taken, if the guest says so', async () => {
    const vmId = '0198c4b2-6a52-7cc0-8f0e-3d1f1a2b3c4d';
    await app.ask(`/download/guest-agent.service?vm_id=${vmId}`);
    expect(downloads.at(-1)).toMatchObject({ name: 'guest-agent.service', vmId });
  });

  test.each([
    ['/download/none', '404 artefact_not_found'],
    ['/download/linked', '404 artefact_not_found'],
    ['/download/sub', '404 artefact_not_found'],
    ['/download/.version', '422 invalid'],
    ['/download/..%2fsecret', '422 invalid'],
    ['/download/a%20name%20with%20blanks', '422 invalid'],
    ['/download/none?vm_id=%20', '422 invalid'],
  ])('is not %s', async (path, outcome) => {
    expect(outcomeOf(await app.ask(path))).toBe(outcome);
  });
});

describe('the manifest', () => {
  test('lists every artefact, each on a line of its own', async () => {
    const { text } = await app.ask('/download/manifest.json');
    expect(JSON.parse(text)).toEqual({
      format: 'innkeeper artefacts 1',
      version: '1.2.3',
      artefacts: [
        { name: 'guest-agent-linux-x64', bytes: BYTES.length, sha256: SHA },
        { name: 'guest-agent.service', bytes: 7, sha256: SHA_OF_UNIT },
      ],
    });
    expect(text).toContain(`\n{"name":"guest-agent-linux-x64","bytes":6,"sha256":"${SHA}"},\n`);
  });

  test('is signed by the manager', async () => {
    const { text } = await app.ask('/download/manifest.json');
    const signature = Buffer.from((await app.ask('/download/manifest.json.sig')).text, 'base64');
    expect(verify(null, Buffer.from(text), publicKey, signature)).toBe(true);
    expect(verify(null, Buffer.from(`${text} `), publicKey, signature)).toBe(false);
  });
});

test('a folder that is not there has nothing to download', () => {
  const { version, all } = readArtefacts(join(folder, 'nowhere'));
  expect([version, all]).toEqual([undefined, []]);
});

describe('too many downloads', () => {
  test('are refused by network and altogether, for the rest of the minute', () => {
    let now = 0;
    const limit = makeDownloadLimit({ monotonicMs: () => now });
    const countOf = (address: string, times: number): readonly (number | undefined)[] =>
      Array.from({ length: times }, () => limit.count(address));
    expect(new Set(countOf('10.0.0.1', 300))).toEqual(new Set([undefined]));
    now = 20_000;
    expect(limit.count('10.0.0.1')).toBe(40);
    expect(limit.count('10.0.0.2')).toBeUndefined();
    for (let host = 3; host < 13; host += 1) countOf(`10.0.0.${host}`, 300);
    expect(limit.count('10.0.0.99')).toBe(40);
    now = 60_000;
    expect(limit.count('10.0.0.1')).toBeUndefined();
  });

  test('are told when to come again', async () => {
    const many = await serveApp({
      routes: makeDownloadRoutes({
        artefacts: readArtefacts(folder),
        signingKey: () => privateKey,
        clock: { monotonicMs: () => 0 },
      }),
    });
    let reply = await many.ask('/download/manifest.json');
    for (let count = 0; count < 300; count += 1) reply = await many.ask('/download/manifest.json');
    expect(outcomeOf(reply)).toBe('429 too_many_downloads');
    expect(z.coerce.number().parse(reply.headers['retry-after'])).toBe(60);
    await many.stop();
  });
});
