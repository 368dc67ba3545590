/** What every platform must do with files that are read anywhere, and with devices. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteFile, Files } from '../../platform/platform.ts';

export const testByteFiles = (files: Files, pid: number): void => {
  const openDescriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;

  describe('files that are read anywhere', () => {
    let folder = '';
    let descriptors = 0;
    const path = (name = 'file'): string => join(folder, name);
    const opened = (name = 'file'): ByteFile => {
      const outcome = files.openBytes(path(name));
      if (!outcome.ok) throw new Error(outcome.error.message);
      return outcome.value;
    };
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'bytes-'));
      descriptors = openDescriptors();
    });
    afterEach(() => {
      expect(openDescriptors()).toBe(descriptors);
      rmSync(folder, { recursive: true });
    });

    it('reads where it is told, and less where the file ends', () => {
      writeFileSync(path(), '0123456789');
      const file = opened();
      expect(text(file.readAt(3, 4))).toBe('3456');
      expect(text(file.readAt(8, 100))).toBe('89');
      expect(file.readAt(10, 5).length).toBe(0);
      expect(file.readAt(1e12, 5).length).toBe(0);
      expect(file.size()).toBe(10);
      const kept = file.readAt(0, 5);
      file.readAt(5, 5);
      expect(text(kept)).toBe('01234');
      file.close();
    });

    it('sees what is appended and cut, also when it has another name or none', () => {
      writeFileSync(path(), 'one');
      const file = opened();
      expect(file.place()).toBe('same');
      appendFileSync(path(), ' two');
      expect(text(file.readAt(0, 99))).toBe('one two');
      renameSync(path(), path('renamed'));
      expect(file.place()).toBe('nowhere');
      appendFileSync(path('renamed'), ' three');
      writeFileSync(path(), 'another');
      expect(file.place()).toBe('another');
      expect(text(file.readAt(8, 99))).toBe('three');
      truncateSync(path('renamed'), 2);
      expect(file.size()).toBe(2);
      const renamed = opened('renamed');
      const other = opened();
      expect(renamed.identity).toBe(file.identity);
      expect(other.identity).not.toBe(file.identity);
      rmSync(path('renamed'));
      expect(text(file.readAt(0, 99))).toBe('on');
      for (const one of [file, renamed, other]) one.close();
    });

    it.each([
      ['a FIFO, without waiting', 'EINVAL', () => execFileSync('mkfifo', [path()])],
      ['a folder', 'EINVAL', () => mkdirSync(path())],
      ['a link', 'ELOOP', () => symlinkSync('/etc/passwd', path())],
      ['what is not there', 'ENOENT', () => undefined],
    ])('refuses %s', (_, code, create) => {
      create();
      expect(files.openBytes(path())).toMatchObject({ ok: false, error: { code } });
    });

    it('reads a device only where one is expected', () => {
      expect(files.openPipe('/dev/null')).toMatchObject({ ok: false, error: { code: 'EINVAL' } });
      const device = files.openPipe('/dev/null', { device: true });
      expect(device.ok && device.value.read()).toEqual({ kind: 'end' });
      if (device.ok) device.value.close();
      writeFileSync(path(), 'x');
      const file = files.openPipe(path(), { device: true });
      expect(file).toMatchObject({ ok: false, error: { code: 'EINVAL' } });
    });
  });
};
