import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, provisionListSchema, type ProvisionList } from '@innkeeper/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/platform.ts';
import { makeRequest } from '../testing/make-request.ts';
import { makeProvisionRoute } from './provision.ts';

const { files, crypto } = nodePlatform;

describe('GET /provision', () => {
  let folder = '';
  const asked: string[] = [];
  const ask = async () =>
    makeProvisionRoute({
      files: {
        ...files,
        openFolder: (path) => {
          asked.push(path);
          return files.openFolder(folder);
        },
      },
      crypto,
    }).handle(makeRequest({ target: '/provision' }));
  const list = async (): Promise<ProvisionList> =>
    provisionListSchema.strict().parse(JSON.parse((await ask()).body));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'provision-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lists scripts in the order of their names, with what tells them apart', async () => {
    writeFileSync(join(folder, '20-app'), 'two');
    writeFileSync(join(folder, '10-base.sh'), '#!/bin/sh\n');
    chmodSync(join(folder, '10-base.sh'), 0o755);
    const { folder: path, scripts } = await list();
    expect(path).toBe('/etc/guest-agent/provision.d');
    expect(asked).toContain(path);
    expect(scripts).toEqual([
      {
        name: '10-base.sh',
        path: '/etc/guest-agent/provision.d/10-base.sh',
        size_bytes: 10,
        executable: true,
        sha256: createHash('sha256').update('#!/bin/sh\n').digest('hex'),
      },
      expect.objectContaining({ name: '20-app', executable: false }),
    ]);
  });

  it('leaves out what is no script', async () => {
    for (const name of ['.hidden', 'a~', 'b.bak', 'c.dpkg-new', 'with space', '10-good']) {
      writeFileSync(join(folder, name), '');
    }
    mkdirSync(join(folder, 'folder'));
    symlinkSync('10-good', join(folder, '30-link'));
    expect((await list()).scripts.map(({ name }) => name)).toEqual(['10-good']);
  });

  it('says of a file that is too long that it is there', async () => {
    writeFileSync(join(folder, 'long'), Buffer.alloc(300_000));
    expect((await list()).scripts).toMatchObject([{ size_bytes: 300_000, sha256: null }]);
  });

  it('is empty without the folder, and says where it is none', async () => {
    rmSync(folder, { recursive: true });
    expect((await list()).scripts).toEqual([]);
    writeFileSync(folder, '');
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(errorBodySchema.parse(JSON.parse(answer.body)).error.message).toContain('provision.d');
  });
});
