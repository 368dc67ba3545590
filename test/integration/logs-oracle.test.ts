/** Journal files of every form that systemd writes, read by the agent and by journalctl. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AGENT_BUILDS, startAgent } from '../support/agent-process.ts';
import { obtainJournalWriter, type ExportEntry } from '../support/journal-remote.ts';
import { openLogs, type LogClient } from '../support/log-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';

const writer = await obtainJournalWriter();
const key = makeManagerKey();
const VM_ID = 'vm-1';
const START_US = 1_760_000_000_000_000;

const root = mkdtempSync(join(tmpdir(), 'oracle-'));
afterAll(() => rmSync(root, { recursive: true }));

const FORMS = [
  ['compact and zstd, as by default', {}, []],
  ['regular', { SYSTEMD_JOURNAL_COMPACT: '0' }, []],
  [
    'regular without keyed hashes',
    { SYSTEMD_JOURNAL_COMPACT: '0', SYSTEMD_JOURNAL_KEYED_HASH: '0' },
    [],
  ],
  ['without compression', {}, ['--compress=no']],
] as const;

const binary = Uint8Array.from({ length: 300 }, (_, at) => (at * 7) % 256);

/** Text, several lines, bytes, long and very long, repeated fields, none at all. */
const makeEntries = (count: number, seed: number): readonly ExportEntry[] =>
  Array.from({ length: count }, (_, index): ExportEntry => {
    const at = START_US + index * 1000 + seed;
    const message = [
      `entry ${index} of ${seed}`,
      `several\nlines ${index}`,
      binary,
      `long ${index} ${'the quick brown fox '.repeat(40 + (index % 50))}`,
      '',
    ][index % 5];
    return {
      realtimeUs: at,
      monotonicUs: at - START_US + 1_000_000,
      fields: [
        ...(message === '' ? [] : ([['MESSAGE', message ?? '']] as const)),
        ['PRIORITY', String(index % 8)],
        ['_SYSTEMD_UNIT', `unit${index % 7}.service`],
        ['_PID', String(100 + (index % 30))],
        ['TWICE', 'first'],
        ['TWICE', `second ${index}`],
        ['_BINARY', binary.subarray(index % 100)],
      ],
    };
  });

const entriesOf = (folder: string): readonly Readonly<Record<string, unknown>>[] => {
  const args = ['--directory', folder, '--output=json', '--all', '--no-pager', '--quiet'];
  const { stdout } = spawnSync('journalctl', args, { encoding: 'utf8', maxBuffer: 1024 ** 3 });
  const schema = z.record(z.string(), z.unknown());
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)));
};

const isBytes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

/** Of a field given twice, journalctl's list; of bytes, the text that they make. */
const textsOf = (value: unknown): readonly unknown[] => {
  if (isBytes(value)) return [Buffer.from(value).toString('utf8')];
  return Array.isArray(value) ? value : [value];
};

describe.each(AGENT_BUILDS)('$name', (build) => {
  const ask = async (folder: string, query: string): Promise<LogClient> => {
    const agent = await startAgent({
      build,
      config: { vm_id: VM_ID, manager_keys: [key.publicKey], journal_paths: [folder] },
    });
    const token = key.sign({ aud: VM_ID, scope: 'logs', exp: secondsFromNow(600) });
    const client = await openLogs(agent.address, query, { headers: bearer(token) });
    await client.closed;
    await agent.stop();
    return client;
  };

  const expectSame = async (folder: string): Promise<void> => {
    const expected = entriesOf(folder);
    const { lines, end } = await ask(folder, '?follow=false&since=0');
    expect(end()).toEqual({ reason: 'complete' });
    expect(lines.map(({ cursor }) => cursor)).toEqual(expected.map((entry) => entry['__CURSOR']));
    for (const [index, line] of lines.entries()) {
      const entry = expected[index] ?? {};
      expect([line.message]).toEqual(textsOf(entry['MESSAGE'] ?? ''));
      for (const [name, value] of Object.entries(entry)) {
        if (name === 'MESSAGE' || name.startsWith('__')) continue;
        expect(textsOf(value)).toContain(line.fields[name]);
      }
    }
  };

  test.for(FORMS)(
    'reads a journal %s as journalctl does',
    async ([form, variables, args], context) => {
      if (!writer.ok) return context.skip(writer.reason);
      const folder = mkdtempSync(join(root, 'form-'));
      writer.write(join(folder, 'remote.journal'), makeEntries(1500, form.length), {
        variables,
        args,
      });
      return expectSame(folder);
    },
  );

  test('puts the entries of several files into the order of journalctl', async (context) => {
    if (!writer.ok) return context.skip(writer.reason);
    const folder = mkdtempSync(join(root, 'several-'));
    for (const seed of [1, 350, 700]) {
      writer.write(join(folder, `remote-${seed}.journal`), makeEntries(400, seed));
    }
    return expectSame(folder);
  });

  describe('a damaged journal', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(root, 'damaged-'));
      if (!writer.ok) return;
      writer.write(join(folder, 'a.journal'), makeEntries(300, 1));
    });

    test('that was cut gives what is left, and the files beside it whole', async (context) => {
      if (!writer.ok) {
        context.skip(writer.reason);
        return;
      }
      writer.write(join(folder, 'b.journal'), makeEntries(50, 7));
      const cut = join(folder, 'a.journal');
      truncateSync(cut, Math.floor(statSync(cut).size / 50));
      const { lines, end } = await ask(folder, '?follow=false&since=0');
      expect(end()).toEqual({ reason: 'complete' });
      const ofBeside = lines.filter(({ message }) => message.endsWith(' of 7'));
      expect(ofBeside.length).toBe(10);
    });

    test('never ends a stream in silence, wherever bytes are changed', async (context) => {
      if (!writer.ok) {
        context.skip(writer.reason);
        return;
      }
      const whole = join(folder, 'whole.journal');
      writer.write(whole, makeEntries(200, 3));
      const bytes = readFileSync(whole);
      const used = bytes.findLastIndex((byte) => byte !== 0);
      const change = fc.array(fc.tuple(fc.nat(used), fc.nat(255)), { minLength: 1, maxLength: 20 });
      const trials = mkdtempSync(join(root, 'trials-'));
      const agent = await startAgent({
        build,
        config: { vm_id: VM_ID, manager_keys: [key.publicKey], journal_paths: [trials] },
      });
      const token = key.sign({ aud: VM_ID, scope: 'logs', exp: secondsFromNow(600) });
      await fc.assert(
        fc.asyncProperty(change, async (changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          writeFileSync(join(trials, 'system.journal'), damaged);
          const client = await openLogs(agent.address, '?source=journal&follow=false&since=0', {
            headers: bearer(token),
          });
          await client.closed;
          if (client.status === 200) expect(client.end()?.reason).toMatch(/complete|failed/u);
          else expect(client.status).toBe(404);
        }),
        { numRuns: 60 },
      );
      expect((await agent.stop()).code).toBe(0);
    });
  });

  test('hands a journal of tomorrow to journalctl', async (context) => {
    if (!writer.ok) return context.skip(writer.reason);
    const folder = mkdtempSync(join(root, 'tomorrow-'));
    writer.write(join(folder, 'a.journal'), makeEntries(5, 1));
    const bytes = readFileSync(join(folder, 'a.journal'));
    bytes[12] = 0x40;
    writeFileSync(join(folder, 'b.journal'), bytes);
    const { lines, end } = await ask(folder, '?follow=false&since=0');
    expect(end()).toEqual({ reason: 'complete' });
    const expected = entriesOf(folder);
    expect(expected.length).toBe(5);
    expect(lines.map(({ cursor }) => cursor)).toEqual(expected.map((entry) => entry['__CURSOR']));
    return undefined;
  });
});
