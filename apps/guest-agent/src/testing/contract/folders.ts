/** What every platform must do with folders that stay open, and with ports. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Files, Folder, Outcome } from '../../platform/platform.ts';
import { latin1Bytes } from '../latin1-bytes.ts';

const valueOf = <Value>(outcome: Outcome<Value>): Value => {
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
};

const codeOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'ok' : outcome.error.code);

export const testFolders = (files: Files, pid: number): void => {
  const openDescriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;

  describe('folders', () => {
    let path = '';
    let descriptors = 0;
    let folder: Folder;
    const at = (name: string): string => join(path, name);

    beforeEach(() => {
      path = mkdtempSync(join(tmpdir(), 'folders-'));
      descriptors = openDescriptors();
      folder = valueOf(files.openFolder(path));
    });
    afterEach(() => {
      folder.close();
      expect(openDescriptors()).toBe(descriptors);
      rmSync(path, { recursive: true });
    });

    it('lists its names and says what they are', () => {
      writeFileSync(at('file'), 'hello', { mode: 0o640 });
      chmodSync(at('file'), 0o640);
      mkdirSync(at('folder'));
      symlinkSync('file', at('link'));
      execFileSync('mkfifo', [at('fifo')]);
      expect([...valueOf(folder.list())].sort()).toEqual(['fifo', 'file', 'folder', 'link']);
      const facts = valueOf(folder.facts('file'));
      expect(facts).toMatchObject({ kind: 'file', sizeBytes: 5, mode: 0o640 });
      expect(facts.uid).toBe(process.geteuid?.());
      expect(Math.abs(facts.modifiedMs - Date.now())).toBeLessThan(60_000);
      const kinds = ['folder', 'link', 'fifo'].map((name) => valueOf(folder.facts(name)).kind);
      expect(kinds).toEqual(['folder', 'link', 'other']);
      expect(codeOf(folder.facts('nothing'))).toBe('ENOENT');
    });

    it('opens and enters nothing through a symbolic link', () => {
      mkdirSync(at('folder'));
      writeFileSync(at('file'), 'x');
      symlinkSync('folder', at('to-folder'));
      symlinkSync('file', at('to-file'));
      expect(codeOf(folder.enter('to-folder'))).toBe('ELOOP');
      expect(codeOf(folder.enter('file'))).toBe('ENOTDIR');
      expect(codeOf(folder.enter('nothing'))).toBe('ENOENT');
      expect(codeOf(folder.open('to-file'))).toBe('ELOOP');
      expect(codeOf(folder.open('folder'))).toBe('EINVAL');
      symlinkSync('nowhere', at('dangling'));
      expect(codeOf(folder.create('dangling', 0o600))).toBe('EEXIST');
      expect(readdirSync(path)).not.toContain('nowhere');
    });

    it('stays the same folder when its path leads elsewhere', () => {
      mkdirSync(at('a'));
      writeFileSync(at('a/name'), 'right');
      const entered = valueOf(folder.enter('a'));
      renameSync(at('a'), at('b'));
      mkdirSync(at('a'));
      writeFileSync(at('a/name'), 'wrong');
      const file = valueOf(entered.open('name'));
      expect(Buffer.from(valueOf(file.readAt(0, 10))).toString('utf8')).toBe('right');
      file.close();
      entered.close();
    });

    it('reads a file anywhere, also a sparse one, and one of proc that has no size', () => {
      writeFileSync(at('file'), '0123456789');
      truncateSync(at('file'), 3_000_000_000);
      const file = valueOf(folder.open('file'));
      expect(file.facts.sizeBytes).toBe(3_000_000_000);
      expect(Buffer.from(valueOf(file.readAt(8, 4))).toString('latin1')).toBe('89\0\0');
      expect(valueOf(file.readAt(2_999_999_999, 10))).toHaveLength(1);
      file.close();
      const proc = valueOf(files.openFolder('/proc/self'));
      const status = valueOf(proc.open('status'));
      expect(status.facts.sizeBytes).toBe(0);
      expect(Buffer.from(valueOf(status.readAt(0, 5))).toString('latin1')).toBe('Name:');
      status.close();
      proc.close();
    });

    it('opens no FIFO, to which nobody may ever write', () => {
      execFileSync('mkfifo', [at('fifo')]);
      expect(codeOf(folder.open('fifo'))).toBe('EINVAL');
    });

    it('makes a file with its mode, once, and puts it in the place of another', () => {
      writeFileSync(at('target'), 'old');
      const created = valueOf(folder.create('new', 0o600));
      expect(lstatSync(at('new')).mode & 0o777).toBe(0o600);
      valueOf(created.write(latin1Bytes('one ')));
      valueOf(created.write(latin1Bytes('two')));
      valueOf(created.setMode(0o4750));
      const { uid, gid } = lstatSync(at('new'));
      valueOf(created.setOwner(uid, gid));
      valueOf(created.sync());
      created.close();
      expect(codeOf(folder.create('new', 0o600))).toBe('EEXIST');
      valueOf(folder.rename('new', 'target'));
      valueOf(folder.sync());
      expect(readFileSync(at('target'), 'utf8')).toBe('one two');
      expect(readdirSync(path)).toEqual(['target']);
    });

    it('makes folders and removes files', () => {
      valueOf(folder.makeFolder('a', 0o700));
      expect(lstatSync(at('a')).mode & 0o777).toBe(0o700);
      expect(codeOf(folder.makeFolder('a', 0o700))).toBe('EEXIST');
      writeFileSync(at('file'), '');
      valueOf(folder.remove('file'));
      expect(codeOf(folder.remove('file'))).toBe('ENOENT');
      expect(codeOf(folder.remove('a'))).not.toBe('ok');
      expect(readdirSync(path)).toEqual(['a']);
    });

    it.each(['..', '.', '', 'a/b', '/etc'])('knows no name %j', (name) => {
      const outcomes = [folder.facts(name), folder.enter(name), folder.open(name)];
      expect(outcomes.map(({ ok }) => ok)).toEqual([false, false, false]);
    });

    it('is opened through links, and only where it is a folder', () => {
      symlinkSync(path, at('self'));
      const again = valueOf(files.openFolder(at('self')));
      expect(valueOf(again.list())).toEqual(['self']);
      again.close();
      writeFileSync(at('file'), '');
      expect(codeOf(files.openFolder(at('file')))).toBe('ENOTDIR');
      expect(codeOf(files.openFolder(at('nothing')))).toBe('ENOENT');
    });
  });

  describe('ports', () => {
    it('read and write without waiting', () => {
      const descriptors = openDescriptors();
      const port = valueOf(files.openPort('/dev/zero'));
      expect(port.read().kind).toBe('data');
      expect(port.write(latin1Bytes('hello'))).toEqual({ ok: true, value: 5 });
      port.close();
      const empty = valueOf(files.openPort('/dev/null'));
      expect(empty.read()).toEqual({ kind: 'end' });
      empty.close();
      expect(openDescriptors()).toBe(descriptors);
    });

    it('are character devices and nothing else', () => {
      expect(codeOf(files.openPort('/etc/passwd'))).toBe('EINVAL');
      expect(codeOf(files.openPort('/dev/no-such-port'))).toBe('ENOENT');
      expect(codeOf(files.openPort('/'))).toBe('EINVAL');
    });
  });
};
