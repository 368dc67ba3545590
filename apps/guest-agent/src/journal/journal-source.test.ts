import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectLog, type CollectedLog } from '../testing/collect-log.ts';
import { START_MS } from '../testing/fake-clock.ts';
import { entriesOf, makeJournalFolder, type JournalFolder } from '../testing/journal-folder.ts';
import type { LogQuery } from '../logs/log-source.ts';

let journal: JournalFolder = makeJournalFolder();
let clients: CollectedLog[] = [];

const read = (query: Partial<LogQuery> = {}): CollectedLog => {
  const client = collectLog(journal.source, query);
  clients.push(client);
  return client;
};

const numbered = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

journal.remove();
beforeEach(() => {
  journal = makeJournalFolder();
  clients = [];
});

afterEach(() => {
  for (const { close } of clients) close();
  expect(journal.open()).toBe(0);
  expect(journal.clock.pendingTimers()).toBe(0);
  journal.remove();
});

/** Hexadecimal, as ids are. */
const id = (number: number): string => number.toString(16).padStart(32, 'a');

/** As journald names and closes what it has filled. */
const archive = (number: number, count: number): void =>
  journal.write(`kept/system@${number}.journal`, {
    fileId: id(number),
    entries: entriesOf(count, { from: number * count }),
    archived: true,
  });

describe('the journal, read through many files', () => {
  it.each([{ tail: undefined }, { tail: 10_000 }])(
    'has few of them open at once: $tail',
    ({ tail }) => {
      for (let number = 0; number < 40; number += 1) archive(number, 20);
      const { messages } = read({ tail });
      expect(messages()).toEqual(numbered(0, 800));
      expect(journal.mostOpen()).toBeLessThan(6);
    },
  );

  it('reads the file that is written and the newest ones of a folder with too many', () => {
    for (let number = 0; number < 2_100; number += 1) {
      const name = `system@0-${number}-${(1_000_000 + number).toString(16)}.journal`;
      writeFileSync(journal.path(`kept/${name}`), '');
    }
    const entries = entriesOf(20);
    journal.write('kept/system@0-1-fffffff.journal', { fileId: id(1), entries, archived: true });
    journal.write('kept/system.journal', { fileId: id(2), entries: entriesOf(20, { from: 20 }) });
    expect(read().messages()).toEqual(numbered(0, 40));
  });

  it('looks for the last lines before a time from there on', () => {
    for (let number = 0; number < 40; number += 1) archive(number, 20);
    const untilMs = START_MS + 20;
    expect(read({ tail: 5, untilMs }).messages()).toEqual(numbered(16, 21));
    expect(journal.opened('system@30.journal')).toBe(1);
    expect(read({ tail: 5, untilMs: START_MS - 1 }).messages()).toEqual([]);
    expect(read({ tail: 5, untilMs: START_MS + 9_999 }).messages()).toEqual(numbered(795, 800));
  });

  it('leaves out fields of an entry that has too many, and says how many', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => [`F${at}`, 'x'.repeat(9_000)] as const);
    const fields = [['MESSAGE', 'large'] as const, ...many];
    const entries = entriesOf(3).map(({ realtimeUs }) => ({ fields, realtimeUs }));
    journal.write('kept/a.journal', { entries });
    const { events } = read();
    expect(events.length).toBe(3);
    for (const { fields: shown, message } of events) {
      expect(message).toBe('large');
      expect(JSON.stringify(shown).length).toBeLessThan(140 * 1024);
      expect(Number(shown['_OMITTED_FIELDS']) + Object.keys(shown).length - 1).toBe(1_000);
    }
  });

  it('says how many entries a file has that cannot be reached', () => {
    archive(0, 100);
    truncateSync(journal.path('kept/system@0.journal'), 8_000);
    const { messages, missed } = read({ tail: undefined });
    expect(messages().length).toBeGreaterThan(0);
    expect(missed).toEqual([[100 - messages().length, 'damaged']]);
  });
});

describe('the journal, followed', () => {
  const system = { fileId: id(1) };

  it('says what of a file that is written cannot be reached any more, once', () => {
    journal.write('kept/system.journal', { ...system, entries: entriesOf(10) });
    const client = read({ follow: true });
    // The second array is where an entry object should be.
    journal.write('kept/system.journal', {
      ...system,
      entries: entriesOf(400),
      breakArraysFrom: 3,
    });
    journal.clock.advance(5_000);
    expect(client.messages()).toEqual(numbered(0, 28));
    expect(client.missed).toEqual([[400 - 28, 'damaged']]);
  });

  it('gives a line once that journald moves from memory to disk', () => {
    journal.write('run/system.journal', { ...system, entries: entriesOf(50) });
    const client = read({ follow: true, tail: 5 });
    journal.write('run/system.journal', { ...system, entries: entriesOf(60) });
    journal.clock.advance(30);
    const flushed = { fileId: id(2), seqnumId: id(3) };
    journal.write('kept/system.journal', { ...flushed, entries: entriesOf(60, { shift: 900 }) });
    rmSync(journal.path('run/system.journal'));
    journal.clock.advance(2_000);
    journal.write('kept/system.journal', { ...flushed, entries: entriesOf(61, { shift: 900 }) });
    journal.clock.advance(2_000);
    expect(client.messages()).toEqual(numbered(45, 61));
    expect(client.missed).toEqual([]);
  });

  it('looks once a second at files of users who are away, and is there when they come', () => {
    const write = (user: number, later: number): void => {
      const entries = [...entriesOf(1, { from: user }), ...entriesOf(later, { from: 50 })];
      journal.write(`kept/user-${user}.journal`, { fileId: id(user), entries });
    };
    for (let user = 1; user <= 20; user += 1) write(user, 0);
    const client = read({ follow: true, tail: 0 });
    journal.clock.advance(2_000);
    const before = journal.reads('user-3.journal');
    journal.clock.advance(10_000);
    // With those of the looks for new files.
    expect(journal.reads('user-3.journal') - before).toBeLessThan(25);
    write(3, 1);
    journal.clock.advance(1_100);
    write(3, 2);
    journal.clock.advance(30);
    expect(client.messages()).toEqual(numbered(50, 52));
  });

  it('is looked at as often as the most impatient of all readers wants', () => {
    journal.write('kept/system.journal', { ...system, entries: entriesOf(10) });
    const readsOf = (ms: number): number => {
      const before = journal.reads('system.journal');
      journal.clock.advance(ms);
      return journal.reads('system.journal') - before;
    };
    const patient = read({ follow: true, tail: 0, paceMs: 500 });
    expect(readsOf(10_000)).toBeLessThan(60);
    journal.write('kept/system.journal', { ...system, entries: entriesOf(12) });
    journal.clock.advance(510);
    expect(patient.messages()).toEqual(numbered(10, 12));

    const impatient = read({ follow: true, tail: 0 });
    expect(readsOf(1_000)).toBeGreaterThan(45);
    journal.write('kept/system.journal', { ...system, entries: entriesOf(14) });
    journal.clock.advance(30);
    expect([patient.messages(), impatient.messages()]).toEqual([
      numbered(10, 14),
      numbered(12, 14),
    ]);

    impatient.close();
    journal.clock.advance(1_000);
    expect(readsOf(10_000)).toBeLessThan(60);
    journal.write('kept/system.journal', { ...system, entries: entriesOf(15) });
    journal.clock.advance(510);
    expect(patient.messages()).toEqual(numbered(10, 15));
  });

  it('gives what has come since the last look when it is asked to', () => {
    journal.write('kept/system.journal', { ...system, entries: entriesOf(10) });
    const client = read({ follow: true, tail: 0, paceMs: 1_000 });
    journal.write('kept/system.journal', { ...system, entries: entriesOf(13) });
    client.catchUp();
    expect(client.messages()).toEqual(numbered(10, 13));
    journal.clock.advance(3_000);
    expect(client.messages()).toEqual(numbered(10, 13));
  });

  it('says what was deleted before anybody could read it', () => {
    journal.write('kept/system.journal', { ...system, entries: entriesOf(10) });
    const client = read({ follow: true, tail: 0 });
    journal.write('kept/system.journal', { ...system, entries: entriesOf(12), archived: true });
    renameSync(journal.path('kept/system.journal'), journal.path('kept/system@1.journal'));
    // Between two looks journald has filled another file, and deleted it.
    journal.write('kept/system.journal', {
      fileId: id(3),
      entries: entriesOf(5, { from: 42 }),
    });
    journal.clock.advance(3_000);
    expect(client.messages()).toEqual([...numbered(10, 12), ...numbered(42, 47)]);
    expect(client.missed).toEqual([[30, 'vacuumed']]);
  });

  it('comes back to a file that could not be opened for a moment, and repeats none', () => {
    journal.write('kept/system.journal', { ...system, entries: entriesOf(10) });
    const client = read({ follow: true, tail: 0 });
    journal.write('kept/system.journal', { ...system, entries: entriesOf(12), archived: true });
    renameSync(journal.path('kept/system.journal'), journal.path('kept/system@1.journal'));
    journal.write('kept/system.journal', { fileId: id(3), entries: entriesOf(5, { from: 12 }) });
    // The look finds both; then neither it nor a second look can open the new one.
    journal.refuse(2, 2);
    journal.clock.advance(30);
    for (let count = 0; count < 8; count += 1) {
      journal.refuse(count);
      journal.clock.advance(1_000);
    }
    expect(client.messages()).toEqual(numbered(10, 17));
    expect(client.missed).toEqual([]);
  });

  it('lets go of a file that journald has found damaged and left', () => {
    journal.write('kept/system.journal', { ...system, entries: entriesOf(10) });
    const client = read({ follow: true, tail: 0 });
    journal.write('kept/system.journal', { ...system, entries: entriesOf(11) });
    renameSync(journal.path('kept/system.journal'), journal.path('kept/system@1.journal~'));
    journal.write('kept/system.journal', { fileId: id(3), entries: entriesOf(5, { from: 11 }) });
    journal.clock.advance(3_000);
    expect(client.messages()).toEqual(numbered(10, 16));
    expect(journal.open()).toBe(1);
  });

  it('says that lines may be missing to who comes from a journal that is gone', () => {
    journal.write('kept/system.journal', { ...system, entries: entriesOf(10) });
    const cursor = read().events[9]?.cursor;
    rmSync(journal.path('kept/system.journal'));
    journal.write('kept/system.journal', {
      fileId: id(4),
      seqnumId: id(5),
      entries: entriesOf(5, { from: 100 }),
    });
    const client = read({ after: cursor, tail: undefined });
    expect(client.messages()).toEqual(numbered(100, 105));
    expect(client.missed).toEqual([[undefined, 'vacuumed']]);
  });
});
