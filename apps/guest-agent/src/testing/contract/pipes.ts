/** What every platform's FIFOs and growing files must do, with real ones in a folder of its own. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Files, Pipe, PipeOptions } from '../../platform/platform.ts';

export const testPipes = (files: Pick<Files, 'openPipe'>, pid: number): void => {
  const openDescriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;

  describe('pipes', () => {
    let folder = '';
    const releasers: (() => void)[] = [];
    const path = (name: string): string => join(folder, name);

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'contract-'));
    });
    afterEach(() => {
      for (const release of releasers.splice(0).reverse()) release();
      rmSync(folder, { recursive: true });
    });

    const makeFifo = (name: string): string => {
      execFileSync('mkfifo', [path(name)]);
      return path(name);
    };

    /** As Firecracker opens it: for both, so that it never waits for a reader and never loses it. */
    const openWriter = (name: string, flags = constants.O_RDWR | constants.O_NONBLOCK) => {
      const descriptor = openSync(path(name), flags);
      let closed = false;
      const close = (): void => {
        if (!closed) closeSync(descriptor);
        closed = true;
      };
      releasers.push(close);
      return { write: (text: string) => writeSync(descriptor, text), close };
    };

    const open = (name: string, options?: PipeOptions): Pipe => {
      const outcome = files.openPipe(path(name), options);
      if (!outcome.ok) throw new Error(outcome.error.message);
      releasers.push(() => outcome.value.close());
      return outcome.value;
    };

    /** All that one read after the other gives, until there is nothing more at the moment. */
    const drain = (pipe: Pipe): string => {
      let text = '';
      for (let count = 0; count < 1000; count += 1) {
        const outcome = pipe.read();
        if (outcome.kind !== 'data') return text;
        text += Buffer.from(outcome.bytes).toString('latin1');
      }
      throw new Error('no end');
    };

    it('gives bytes of which a copy stays what it was', () => {
      makeFifo('fifo');
      const writer = openWriter('fifo');
      const pipe = open('fifo');
      const copies: Uint8Array[] = [];
      for (const text of ['first', 'other']) {
        writer.write(text);
        const outcome = pipe.read();
        if (outcome.kind === 'data') copies.push(outcome.bytes.slice());
      }
      const texts = copies.map((bytes) => Buffer.from(bytes).toString('latin1'));
      expect(texts).toEqual(['first', 'other']);
    });

    it('opens a FIFO to which nobody writes, without waiting, and says so', () => {
      makeFifo('fifo');
      expect(open('fifo').read()).toEqual({ kind: 'end' });
    });

    it('reads what is written, then nothing, and again what is written', () => {
      makeFifo('fifo');
      const pipe = open('fifo');
      const writer = openWriter('fifo');
      expect(pipe.read()).toEqual({ kind: 'empty' });
      writer.write('one\n');
      expect(pipe.read()).toMatchObject({ kind: 'data', more: false });
      expect(pipe.read()).toEqual({ kind: 'empty' });
      writer.write('two\n');
      expect(drain(pipe)).toBe('two\n');
    });

    it('keeps what is in a FIFO when its writer goes, then says that it is gone', () => {
      makeFifo('fifo');
      const pipe = open('fifo');
      const first = openWriter('fifo');
      first.write('last words');
      first.close();
      expect(drain(pipe)).toBe('last words');
      expect(pipe.read()).toEqual({ kind: 'end' });
      openWriter('fifo').write('another one');
      expect(drain(pipe)).toBe('another one');
      expect(pipe.read()).toEqual({ kind: 'empty' });
    });

    it('never makes a writer wait, and gives all that a full FIFO holds', () => {
      makeFifo('fifo');
      const pipe = open('fifo');
      const writer = openWriter('fifo');
      let written = 0;
      const fill = (): void => {
        for (;;) written += writer.write('x'.repeat(1000));
      };
      expect(fill).toThrow(/EAGAIN/u);
      expect(written).toBeGreaterThan(60_000);
      expect(drain(pipe)).toHaveLength(written);
      writer.write('there is room again');
      expect(drain(pipe)).toBe('there is room again');
    });

    it('keeps a FIFO usable for its writer when the reader goes', () => {
      makeFifo('fifo');
      const writer = openWriter('fifo');
      const outcome = files.openPipe(path('fifo'));
      if (outcome.ok) outcome.value.close();
      writer.write('nobody reads');
      expect(drain(open('fifo'))).toBe('nobody reads');
    });

    it('follows a file that grows, from its start or from its end', () => {
      writeFileSync(path('file'), 'old\n');
      const whole = open('file');
      const rest = open('file', { skipExisting: true });
      expect(drain(whole)).toBe('old\n');
      expect(rest.read()).toEqual({ kind: 'empty' });
      appendFileSync(path('file'), 'new\n');
      expect(drain(whole)).toBe('new\n');
      expect(drain(rest)).toBe('new\n');
      expect(whole.read()).toEqual({ kind: 'empty' });
    });

    it('reads a long file in pieces, and says when there is more', () => {
      writeFileSync(path('file'), 'x'.repeat(200_000));
      const pipe = open('file');
      expect(pipe.read()).toMatchObject({ kind: 'data', more: true });
      expect(drain(pipe).length).toBeGreaterThan(0);
      expect(drain(open('file'))).toHaveLength(200_000);
    });

    it('says that a file was truncated, and reads it from its start then', () => {
      writeFileSync(path('file'), 'long and old\n');
      const pipe = open('file');
      drain(pipe);
      truncateSync(path('file'));
      expect(pipe.read()).toEqual({ kind: 'truncated' });
      expect(pipe.read()).toEqual({ kind: 'empty' });
      appendFileSync(path('file'), 'new\n');
      expect(drain(pipe)).toBe('new\n');
    });

    it.each(['file', 'fifo'])('tells whether the path of a %s leads elsewhere now', (kind) => {
      const make = (name: string): void => {
        if (kind === 'fifo') makeFifo(name);
        else writeFileSync(path(name), '');
      };
      make('it');
      const pipe = open('it');
      expect(pipe.place()).toBe('same');
      renameSync(path('it'), path('away'));
      expect(pipe.place()).toBe('nowhere');
      make('it');
      expect(pipe.place()).toBe('another');
      unlinkSync(path('it'));
      expect(pipe.place()).toBe('nowhere');
    });

    it.each([
      ['what is not there', 'ENOENT', () => undefined],
      ['a folder', 'EINVAL', () => execFileSync('mkdir', [path('it')])],
      ['a link to a device', 'ELOOP', () => symlinkSync('/dev/zero', path('it'))],
      ['a link to a FIFO', 'ELOOP', () => symlinkSync(makeFifo('fifo'), path('it'))],
    ])('does not open %s', (_, code, make) => {
      make();
      const before = openDescriptors();
      expect(files.openPipe(path('it'))).toMatchObject({ ok: false, error: { code } });
      expect(openDescriptors()).toBe(before);
    });

    it('does not open a device', () => {
      const before = openDescriptors();
      expect(files.openPipe('/dev/null')).toMatchObject({ ok: false, error: { code: 'EINVAL' } });
      expect(openDescriptors()).toBe(before);
    });
  });
};
