import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles } from '../platform/node/files.ts';
import { nodeText } from '../platform/node/text.ts';
import { makeFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { collectLog, type CollectedLog } from '../testing/collect-log.ts';
import { makeFileLines } from './file-lines.ts';
import { makeFileSource } from './file-source.ts';
import type { LogQuery } from './log-source.ts';

let folder = '';
let clock: FakeClock = makeFakeClock();
let open: CollectedLog[] = [];
const path = (name = 'app.log'): string => join(folder, name);

const read = (query: Partial<LogQuery> = {}, name = path()): CollectedLog => {
  const parts = { files: nodeFiles, text: nodeText, clock, folders: [folder] };
  const collected = collectLog(makeFileSource(parts, name), query);
  open.push(collected);
  return collected;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-source-'));
  clock = makeFakeClock();
  open = [];
});

afterEach(() => {
  for (const { close } of open) close();
  expect(clock.pendingTimers()).toBe(0);
  rmSync(folder, { recursive: true });
});

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

describe('a file as a source', () => {
  it('gives the last lines, with what they tell of time, program and level', () => {
    writeFileSync(
      path(),
      'old\n2026-05-01T10:00:00.250+02:00 vm app[7]: ERROR no disk\r\nOct  9 08:00:00 vm cron[1]: run\n',
    );
    const { events, state } = read({ tail: 2 });
    expect(state()).toBe('done');
    expect(events).toMatchObject([
      { level: 'error', target: 'app', timestamp: Date.parse('2026-05-01T08:00:00.250Z') },
      { level: 'info', target: 'cron', timestamp: Date.parse('2025-10-09T08:00:00Z') },
    ]);
    expect(read({ tail: 10 }).events[0]).toMatchObject({ timestamp: null, target: 'app.log' });
  });

  it('gives a last line without a newline, and nothing of an empty file', () => {
    writeFileSync(path(), 'a\nb');
    expect(read().messages()).toEqual(['a', 'b']);
    writeFileSync(path(), '');
    expect(read().messages()).toEqual([]);
  });

  it('takes a line that tells no time for part of the one before it', () => {
    const hours = [10, 11, 12].map((hour) => `2026-05-01T${hour}:00:00Z failed\n  at line 1\n`);
    writeFileSync(path(), hours.join(''));
    const at = (hour: number): number => Date.UTC(2026, 4, 1, hour);
    const sinceMs = at(11);
    expect(read({ tail: undefined, sinceMs }).messages().length).toBe(4);
    expect(read({ tail: 10, sinceMs, untilMs: at(11) + 1 }).messages()).toEqual([
      '2026-05-01T11:00:00Z failed',
      '  at line 1',
    ]);
  });

  it('counts a tail after the filter', () => {
    writeFileSync(path(), numbered(500));
    const matches = (record: { contains: (needle: string) => boolean }): boolean =>
      record.contains('line 4');
    expect(read({ tail: 3, matches }).messages()).toEqual(['line 497', 'line 498', 'line 499']);
  });

  it('cuts a line of a megabyte, says by how much, and goes on behind it', () => {
    writeFileSync(path(), `${'x'.repeat(1_000_000)}\nnext\n`);
    const { events } = read();
    expect(events[0]).toMatchObject({ cut_bytes: 1_000_000 - 65_536 });
    expect(events[1]).toMatchObject({ message: 'next' });
  });

  it('follows what is appended, a line when it is whole', () => {
    writeFileSync(path(), numbered(2));
    const { messages } = read({ follow: true, tail: 0 });
    appendFileSync(path(), 'begun');
    clock.advance(100);
    expect(messages()).toEqual([]);
    appendFileSync(path(), ' and done\nnext\n');
    clock.advance(100);
    expect(messages()).toEqual(['begun and done', 'next']);
  });

  it('is looked at no more often than the reader wants, and at once when it is asked to', () => {
    writeFileSync(path(), '');
    const { messages, catchUp } = read({ follow: true, tail: 0, paceMs: 500 });
    appendFileSync(path(), 'first\n');
    clock.advance(450);
    expect(messages()).toEqual([]);
    clock.advance(60);
    expect(messages()).toEqual(['first']);
    appendFileSync(path(), 'second\n');
    catchUp();
    expect(messages()).toEqual(['first', 'second']);
  });

  it('follows through a rename, with what was still written to the old file', () => {
    writeFileSync(path(), 'first\n');
    const { messages, missed } = read({ follow: true });
    renameSync(path(), path('app.log.1'));
    appendFileSync(path('app.log.1'), 'late\n');
    writeFileSync(path(), 'new\n');
    clock.advance(300);
    expect(messages()).toEqual(['first', 'late', 'new']);
    expect(missed).toEqual([]);
  });

  it('waits with the old file until something stands in the new one', () => {
    writeFileSync(path(), 'first\n');
    const { messages, missed } = read({ follow: true });
    renameSync(path(), path('app.log.1'));
    writeFileSync(path(), '');
    clock.advance(3_000);
    appendFileSync(path('app.log.1'), 'not told yet to open its log again\n');
    clock.advance(3_000);
    appendFileSync(path(), 'new\n');
    clock.advance(300);
    expect(messages()).toEqual(['first', 'not told yet to open its log again', 'new']);
    expect(missed).toEqual([]);
  });

  it('follows through a second rename while nothing stood in the first new file', () => {
    writeFileSync(path(), 'first\n');
    const { messages } = read({ follow: true });
    for (const name of ['app.log.2', 'app.log.1']) {
      renameSync(path(), path(name));
      writeFileSync(path(), '');
      clock.advance(300);
    }
    appendFileSync(path(), 'new\n');
    clock.advance(300);
    expect(messages()).toEqual(['first', 'new']);
  });

  it('does not follow to where a folder leads that has become a link', () => {
    mkdirSync(path('sub'));
    writeFileSync(path('sub/passwd'), 'first\n');
    const { messages } = read({ follow: true }, path('sub/passwd'));
    renameSync(path('sub'), path('moved'));
    symlinkSync('/etc', path('sub'));
    clock.advance(1_000);
    appendFileSync(path('moved/passwd'), 'second\n');
    clock.advance(1_000);
    expect(messages()).toEqual(['first', 'second']);
  });

  it('reads no more than a mebibyte of a line at once', () => {
    writeFileSync(path(), '');
    truncateSync(path(), 64 * 1024 * 1024);
    const lines = makeFileLines({
      readAt: (offset, length) => {
        readBytes += length;
        return new Uint8Array(Math.max(0, Math.min(length, 64 * 1024 * 1024 - offset)));
      },
    });
    let readBytes = 0;
    expect(lines.next()).toBe('more');
    expect(readBytes).toBeLessThanOrEqual(1024 * 1024);
    const { events } = read({ tail: undefined });
    expect(events).toMatchObject([{ cut_bytes: 64 * 1024 * 1024 - 65_536 }]);
  });

  it('says that a file was cut in the middle of what it has read', () => {
    writeFileSync(path(), 'first\nbegun and long');
    const { messages, missed } = read({ follow: true });
    truncateSync(path(), 8);
    clock.advance(100);
    expect(missed).toEqual([[undefined, 'truncated']]);
    expect(messages()).toEqual(['first', 'first']);
  });

  it('says that a file was cut, and reads it from its start', () => {
    writeFileSync(path(), numbered(10));
    const { messages, missed } = read({ follow: true, tail: 0 });
    truncateSync(path(), 0);
    appendFileSync(path(), 'anew\n');
    clock.advance(100);
    expect(messages()).toEqual(['anew']);
    expect(missed).toEqual([[undefined, 'truncated']]);
  });

  it('resumes behind a cursor wherever it was cut, also in the file that was renamed', () => {
    writeFileSync(path(), numbered(20));
    const all = read();
    for (const [index, event] of all.events.entries()) {
      const rest = read({ after: event.cursor, tail: undefined });
      expect(rest.messages()).toEqual(all.messages().slice(index + 1));
    }
    renameSync(path(), path('app.log.1'));
    writeFileSync(path(), 'new\n');
    const resumed = read({ after: all.events[17]?.cursor, tail: undefined });
    expect(resumed.messages()).toEqual(['line 18', 'line 19', 'new']);
    rmSync(path('app.log.1'));
    const lost = read({ after: all.events[17]?.cursor, tail: undefined });
    expect(lost.missed).toEqual([[undefined, 'rotated']]);
    expect(lost.messages()).toEqual(['new']);
  });

  it.each([
    ['a path with ..', () => `${folder}/x/../app.log`],
    ['a path elsewhere', () => '/etc/passwd'],
    ['a folder', () => folder],
    ['what is not there', () => path('nothing.log')],
    ['a relative path', () => 'app.log'],
    ['a NUL', () => `${path()}\0`],
    [
      'a link out of the folder',
      () => {
        symlinkSync('/etc/passwd', path('link.log'));
        return path('link.log');
      },
    ],
    [
      'a folder that is a link out',
      () => {
        symlinkSync('/etc', path('sub'));
        return path('sub/passwd');
      },
    ],
  ])('refuses %s as if it were not there', (_, name) => {
    mkdirSync(path('x'));
    writeFileSync(path(), 'x\n');
    expect(read({}, name()).refused).toMatchObject({ status: 404 });
  });

  it('refuses a cursor that is not of a file', () => {
    writeFileSync(path(), 'x\n');
    expect(read({ after: 's=1' }).refused).toMatchObject({ status: 422 });
  });
});
