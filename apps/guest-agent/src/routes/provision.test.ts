import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, provisionListSchema, type ProvisionList } from '@innkeeper/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/platform.ts';
import { makeRequest } from '../testing/make-request.ts';
import { makeProvisionRoute } from './provision.ts';

describe('GET /provision', () => {
  let parent = '';
  let folder = '';
  const ask = async (uid = nodePlatform.machine.uid) =>
    makeProvisionRoute(
      { ...nodePlatform, machine: { ...nodePlatform.machine, uid } },
      folder,
    ).handle(makeRequest({ target: '/provision' }));
  const list = async (uid?: number): Promise<ProvisionList> =>
    provisionListSchema.strict().parse(JSON.parse((await ask(uid)).body));
  const put = (name: string, content = '', mode = 0o644): void => {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), mode);
  };

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'provision-'));
    folder = join(parent, 'provision.d');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('lists scripts in the order of their names, with what tells them apart', async () => {
    put('20-app.every-boot', 'two');
    put('10-base.sh', '#!/bin/sh\n', 0o755);
    put('30-net.every-boot.sh');
    put('40-every-boot.sh');
    const { folder: path, scripts, left_out: leftOut } = await list();
    expect(path).toBe(folder);
    expect(leftOut).toBe(0);
    expect(scripts[0]).toEqual({
      name: '10-base.sh',
      path: `${folder}/10-base.sh`,
      size_bytes: 10,
      executable: true,
      when: 'first_boot',
      sha256: createHash('sha256').update('#!/bin/sh\n').digest('hex'),
      refused: null,
    });
    expect(scripts.slice(1)).toMatchObject([
      { name: '20-app.every-boot', executable: false, when: 'every_boot' },
      { name: '30-net.every-boot.sh', when: 'every_boot' },
      { name: '40-every-boot.sh', when: 'first_boot' },
    ]);
  });

  it('leaves out what is no script, and counts what is too many', async () => {
    for (const name of ['.hidden', 'a~', 'b.bak', 'c.dpkg-new', 'with space', '10-good']) put(name);
    mkdirSync(join(folder, 'folder'));
    symlinkSync('10-good', join(folder, '30-link'));
    expect((await list()).scripts.map(({ name }) => name)).toEqual(['10-good']);
    for (let index = 0; index < 70; index += 1) put(`9-${index}`);
    expect(await list()).toMatchObject({ left_out: 9 });
  });

  it('says of a file that is too long that it is there, and not to be run', async () => {
    writeFileSync(join(folder, 'long'), Buffer.alloc(300_000));
    expect((await list()).scripts).toMatchObject([
      { size_bytes: 300_000, sha256: null, refused: 'it is too long, or cannot be read' },
    ]);
  });

  it.each([0o664, 0o646, 0o777])('refuses a script of the mode %o', async (mode) => {
    put('10-open', '', mode);
    put('20-closed', '', 0o700);
    expect((await list()).scripts.map(({ refused }) => refused)).toEqual([
      'others than its owner may write to the file',
      null,
    ]);
  });

  it('refuses all where others may write to the folder, whatever the files say', async () => {
    put('10-good');
    chmodSync(folder, 0o1777);
    expect((await list()).scripts).toMatchObject([
      { refused: 'others than its owner may write to the folder' },
    ]);
  });

  it('refuses what belongs to another user', async () => {
    put('10-mine');
    const { uid } = nodePlatform.machine;
    // Root may give a file away; to anybody else, the own files are another user's for another agent.
    if (uid === 0) chownSync(join(folder, '10-mine'), 1234, 0);
    const { scripts } = await list(uid === 0 ? 0 : uid + 1);
    expect(scripts[0]?.refused).toMatch(/^the (?:file|folder) belongs to the user \d+ and not/u);
  });

  it('follows no symbolic link to another folder', async () => {
    put('10-good');
    renameSync(folder, join(parent, 'elsewhere'));
    symlinkSync('elsewhere', folder);
    expect((await ask()).status).toBe(503);
  });

  it('is empty without the folder, and says where it is none', async () => {
    rmSync(folder, { recursive: true });
    expect((await list()).scripts).toEqual([]);
    rmSync(parent, { recursive: true });
    expect((await list()).scripts).toEqual([]);
    mkdirSync(parent);
    writeFileSync(folder, '');
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(errorBodySchema.parse(JSON.parse(answer.body)).error.message).toContain('provision.d');
  });
});
