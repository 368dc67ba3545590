import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/platform.ts';
import { makeStateFile, underKeys, type AgentState } from './agent-state.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agent-state-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const STATE: AgentState = {
  vmId: 'vm-1',
  privateKey: new Uint8Array(32).fill(7),
  tokenId: 'abcdefghijkl',
  isEnrolled: true,
  counter: 12,
  configKeys: ['a'],
  managerKeys: ['a', 'b'],
  tls: { privateKey: new Uint8Array(32).fill(9), certificate: new Uint8Array(300).fill(5) },
  isPinned: true,
};

describe('the state file', () => {
  it('gives back what was kept, in a folder of its own that only its user may enter', () => {
    const folder = join(root, 'state');
    const file = makeStateFile(nodePlatform, folder);
    expect(file.load()).toEqual({ ok: true, value: undefined });
    expect(file.save({ ...STATE, counter: 11 }).ok).toBe(true);
    expect(file.save(STATE).ok).toBe(true);
    const loaded = makeStateFile(nodePlatform, folder).load();
    expect(loaded.ok && loaded.value).toEqual(STATE);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"vm_id":"vm-1"'],
    ['a list', '[]'],
    [
      'a short key',
      JSON.stringify({
        vm_id: 'x',
        token_id: 'x',
        enrolled: true,
        counter: 1,
        config_keys: [],
        manager_keys: [],
        private_key: 'AAAA',
      }),
    ],
    [
      'a counter that is none',
      JSON.stringify({
        vm_id: 'x',
        token_id: 'x',
        enrolled: true,
        counter: 1e300,
        config_keys: [],
        manager_keys: [],
        private_key: 'A'.repeat(43),
      }),
    ],
  ])('with %s in it is damaged, and not taken for none', (_, text) => {
    writeFileSync(join(root, 'state.json'), text);
    const loaded = makeStateFile(nodePlatform, root).load();
    expect(loaded.ok ? '' : loaded.error.message).toContain('damaged');
  });

  it('is no symbolic link, and is not written through one', () => {
    writeFileSync(join(root, 'elsewhere'), 'mine');
    symlinkSync(join(root, 'elsewhere'), join(root, 'state.json'));
    const file = makeStateFile(nodePlatform, root);
    expect(file.load().ok).toBe(false);
    expect(file.save(STATE).ok).toBe(false);
    expect(readFileSync(join(root, 'elsewhere'), 'utf8')).toBe('mine');
  });

  it('says why it cannot be kept', () => {
    const file = makeStateFile(nodePlatform, join(root, 'not/there'));
    expect(file.save(STATE)).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
    mkdirSync(join(root, 'state.json'));
    expect(makeStateFile(nodePlatform, root).save(STATE).ok).toBe(false);
  });
});

describe('underKeys', () => {
  it('lets a manager that was configured anew ask plainly, until it knows the TLS key', () => {
    expect(underKeys(STATE, ['a'])).toBe(STATE);
    expect(underKeys(STATE, ['b'])).toEqual({ ...STATE, isPinned: false });
  });
});
