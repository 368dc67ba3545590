/** What every platform's files must do, on a real /proc and a folder of its own. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Files, FilesystemSpace, Outcome } from '../../platform/platform.ts';

const MEBIBYTE = 1024 * 1024;

export const testFiles = (files: Files, pid: number): void => {
  const openDescriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;

  describe('files', () => {
    let folder = '';
    const path = (name: string): string => join(folder, name);

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'contract-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    const write = (name: string, content: string | Uint8Array): string => {
      writeFileSync(path(name), content);
      return path(name);
    };

    it.each([
      ['nothing', ''],
      ['a line', 'one line\n'],
      ['umlauts', 'gr\u00fc\u00dfe \u20ac \ud83d\ude00\n'],
      ['more than any buffer at first', 'x'.repeat(200_000)],
    ])('reads %s', (_, content) => {
      const name = write('text', content);
      expect(files.readText(name)).toEqual({ ok: true, value: content });
      expect(files.readText(name, { whole: true })).toEqual({ ok: true, value: content });
    });

    it('reads bytes that are not UTF-8 as U+FFFD', () => {
      const name = write('bytes', Uint8Array.from([0x61, 0xff, 0x62]));
      expect(files.readText(name)).toEqual({ ok: true, value: 'a\ufffdb' });
    });

    it.each([
      ['a mebibyte', MEBIBYTE, {}],
      ['a mebibyte of a file that is read whole', MEBIBYTE, { whole: true }],
      ['16 mebibytes of a long file', 16 * MEBIBYTE, { long: true }],
    ])('refuses more than %s instead of cutting it', (_, limit, options) => {
      const fitting = files.readText(write('fitting', 'x'.repeat(limit)), options);
      expect(fitting.ok && fitting.value.length).toBe(limit);
      expect(files.readText(write('too-long', 'x'.repeat(limit + 1)), options)).toEqual({
        ok: false,
        error: { code: 'E2BIG', message: `E2BIG: the file has more than ${limit} bytes, read` },
      });
    });

    it('refuses an open file that has grown too long, and reads it when it is short again', () => {
      const name = write('grows', 'short');
      const opened = files.open(name);
      if (!opened.ok) throw new Error(opened.error.message);
      expect(opened.value.read()).toEqual({ ok: true, value: 'short' });
      writeFileSync(name, 'x'.repeat(MEBIBYTE + 1));
      expect(opened.value.read()).toMatchObject({ ok: false, error: { code: 'E2BIG' } });
      writeFileSync(name, 'again');
      expect(opened.value.read()).toEqual({ ok: true, value: 'again' });
      opened.value.close();
    });

    it('cuts where it is told to', () => {
      const name = write('large', 'x'.repeat(MEBIBYTE + 1));
      for (const maxBytes of [1, 100, 16 * 1024, 100_000, MEBIBYTE]) {
        const outcome = files.readText(name, { maxBytes });
        expect(outcome).toEqual({ ok: true, value: 'x'.repeat(maxBytes) });
      }
    });

    it('reads a short file after a long one without what is left of it', () => {
      files.readText(write('long', 'x'.repeat(50_000)));
      expect(files.readText(write('short', 'y'))).toEqual({ ok: true, value: 'y' });
    });

    it('reads files of /proc that are longer than a page, whole', () => {
      for (const name of [`/proc/${pid}/maps`, `/proc/${pid}/smaps`, '/proc/kallsyms']) {
        const expected = readFileSync(name, 'utf8');
        if (expected.length < 3 * 4096) continue;
        const outcome = files.readText(name, { maxBytes: 16 * 1024 * 1024 });
        const lines = outcome.ok ? outcome.value.split('\n') : [];
        // What is mapped may change in between; where it ends does not.
        expect(lines.length).toBeGreaterThan(expected.split('\n').length * 0.8);
        expect(lines.at(-1)).toBe('');
        expect(lines.at(-2)?.split(/\s/u)[0]).toBe(expected.split('\n').at(-2)?.split(/\s/u)[0]);
      }
    });

    it('reads an open file from its start each time, as it is now', () => {
      const name = write('open', 'first');
      const opened = files.open(name);
      if (!opened.ok) throw new Error(opened.error.message);
      expect(opened.value.read()).toEqual({ ok: true, value: 'first' });
      expect(opened.value.read()).toEqual({ ok: true, value: 'first' });
      writeFileSync(name, 'second, and longer');
      expect(opened.value.read()).toEqual({ ok: true, value: 'second, and longer' });
      opened.value.close();
    });

    it('reads an open file of /proc anew each time', () => {
      const opened = files.open('/proc/uptime', { whole: true });
      if (!opened.ok) throw new Error(opened.error.message);
      for (let count = 0; count < 3; count += 1) {
        const text = opened.value.read();
        expect(text.ok && text.value).toMatch(/^\d+\.\d\d \d+\.\d\d\n$/u);
      }
      opened.value.close();
    });

    it('keeps no descriptor beyond what is open', () => {
      const name = write('descriptors', 'x');
      const before = openDescriptors();
      for (let count = 0; count < 50; count += 1) {
        files.readText(name);
        files.readText(path('nowhere'));
        files.readText(folder);
        files.list(folder);
        files.statfs(folder);
        const opened = files.open(name);
        if (opened.ok) opened.value.close();
      }
      expect(openDescriptors()).toBe(before);
    });

    it.each([
      ['a path that is not there', 'ENOENT', () => path('nowhere')],
      ['a path below a file', 'ENOTDIR', () => join(write('file', ''), 'x')],
      ['a directory', 'EISDIR', () => folder],
      ['a path that is too long', 'ENAMETOOLONG', () => path('x'.repeat(300))],
    ])('gives an error for %s and does not throw', (_, code, name) => {
      expect(files.readText(name())).toMatchObject({ ok: false, error: { code } });
      const opened = files.open(name());
      const outcome = opened.ok ? opened.value.read() : opened;
      expect(outcome).toMatchObject({ ok: false, error: { code } });
      if (opened.ok) opened.value.close();
    });

    it.each([
      ['a FIFO, without waiting', 'EINVAL', () => execFileSync('mkfifo', [path('named')])],
      ['a folder', 'EINVAL', () => mkdirSync(path('named'))],
      ['a link to a file', 'ELOOP', () => symlinkSync(write('text', 'x'), path('named'))],
      ['a link to a device', 'ELOOP', () => symlinkSync('/dev/zero', path('named'))],
      ['what is not there', 'ENOENT', () => undefined],
    ])('refuses %s where only a regular file will do', (_, code, create) => {
      create();
      const before = openDescriptors();
      const options = { regularOnly: true };
      expect(files.readText(path('named'), options)).toMatchObject({ ok: false, error: { code } });
      expect(files.open(path('named'), options)).toMatchObject({ ok: false, error: { code } });
      expect(openDescriptors()).toBe(before);
      rmSync(path('named'), { recursive: true, force: true });
    });

    it('reads a regular file where only that will do, and says what else is not one', () => {
      const name = write('regular', 'it is');
      expect(files.readText(name, { regularOnly: true })).toEqual({ ok: true, value: 'it is' });
      const device = files.readText('/dev/null', { regularOnly: true });
      expect(device).toMatchObject({ ok: false, error: { code: 'EINVAL' } });
      expect(!device.ok && device.error.message).toContain('not a regular file');
    });

    it('gives an error for a path with a NUL in it', () => {
      expect(files.readText('/proc/self\0/stat').ok).toBe(false);
      expect(files.list('/proc\0').ok).toBe(false);
    });

    it('lists a directory, without . and ..', () => {
      mkdirSync(path('listed'));
      expect(files.list(path('listed'))).toEqual({ ok: true, value: [] });
      for (const name of ['listed/b', 'listed/a', 'listed/.hidden']) write(name, '');
      const outcome = files.list(path('listed'));
      expect(outcome.ok && [...outcome.value].sort()).toEqual(['.hidden', 'a', 'b']);
      expect(files.list(path('nowhere'))).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
      expect(files.list(write('file', ''))).toMatchObject({
        ok: false,
        error: { code: 'ENOTDIR' },
      });
    });

    it('tells what is there, and where links lead', () => {
      const target = write('target', '');
      symlinkSync(target, path('link'));
      symlinkSync(path('nowhere'), path('dangling'));
      const areThere = (...paths: readonly string[]) => paths.map((one) => files.exists(one));
      expect(areThere(target, folder, path('link'))).toEqual([true, true, true]);
      expect(areThere(path('nowhere'), path('dangling'))).toEqual([false, false]);
      expect(files.readLink(path('link'))).toEqual({ ok: true, value: target });
      expect(files.readLink(target)).toMatchObject({ ok: false, error: { code: 'EINVAL' } });
    });

    it('tells where a path leads when all links are followed', () => {
      mkdirSync(path('there'));
      const target = write('there/target', '');
      symlinkSync(path('there'), path('folder'));
      symlinkSync('target', path('there/second'));
      symlinkSync(path('loop'), path('loop'));
      const expected = { ok: true, value: target };
      expect(files.realPath(path('folder/second'))).toEqual(expected);
      expect(files.realPath(target)).toEqual(expected);
      expect(files.realPath(path('there/../folder//./second'))).toEqual(expected);
      expect(files.realPath('/')).toEqual({ ok: true, value: '/' });
      const codeOf = (name: string) => files.realPath(path(name));
      expect(codeOf('nowhere')).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
      expect(codeOf('loop')).toMatchObject({ ok: false, error: { code: 'ELOOP' } });
      expect(codeOf('there/target/x')).toMatchObject({ ok: false, error: { code: 'ENOTDIR' } });
    });

    const aside = async (name: string): Promise<Outcome<FilesystemSpace>> =>
      new Promise((resolve) => files.statfsAside(name, resolve));

    it('tells the space of a filesystem, at once and aside, in the same numbers', async () => {
      const now = files.statfs('/proc');
      expect(now).toMatchObject({ ok: true, value: { blockSize: 4096, blocks: 0, files: 0 } });
      expect(await aside('/proc')).toEqual(now);
      const root = files.statfs(folder);
      if (!root.ok) throw new Error(root.error.message);
      const { blocks, blocksFree, blocksAvailable, blockSize } = root.value;
      expect(blockSize).toBeGreaterThan(0);
      expect(blocks).toBeGreaterThanOrEqual(blocksFree);
      expect(blocksFree).toBeGreaterThanOrEqual(blocksAvailable);
    });

    it('gives an error for the space of what is not there', async () => {
      expect(files.statfs(path('nowhere'))).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
      expect(await aside(path('nowhere'))).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
    });

    it('answers aside only after the call', () => {
      let answered = false;
      files.statfsAside('/proc', () => {
        answered = true;
      });
      expect(answered).toBe(false);
    });
  });
};
