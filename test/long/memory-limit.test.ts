/**
 * The native agent where there is no more memory than its unit gives it (`MemoryMax=16M`), with
 * everything in use at once. The kernel would kill it for a page too much, and counts that.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executionListSchema, executionResultSchema } from '@innkeeper/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { NATIVE } from '../support/agent-process.ts';
import { startEnrolled, type EnrolledAgent, type ExecStream } from '../support/enrolled-agent.ts';
import { obtainJournalWriter } from '../support/journal-remote.ts';
import { openLogs, type LogClient } from '../support/log-client.ts';
import { limitMemory } from '../support/memory-limit.ts';
import { orSkip } from '../support/obtained.ts';
import { waitUntil } from '../support/wait-until.ts';

const LIMIT_BYTES = 16 * 1024 * 1024;
/** `file_max_bytes` of the native build. */
const FILE_BYTES = 1024 * 1024;
const OUTPUT_BYTES = 100_000_000;
/** Under emulation or on a busy machine a hundred megabytes take their time. */
const LONG_MS = 120_000;
const START_US = 1_760_000_000_000_000;

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-memory-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** 100 entries of which each tenth is a megabyte, as text that packs badly. */
const writeJournal = async (folder: string): Promise<boolean> => {
  const writer = await obtainJournalWriter();
  if (!writer.ok) return false;
  mkdirSync(folder);
  const long = Array.from({ length: 1_000_000 }, (_, at) =>
    String.fromCodePoint(33 + ((at * at * 31 + at) % 90)),
  ).join('');
  writer.write(
    join(folder, 'system.journal'),
    Array.from({ length: 100 }, (_, index) => ({
      realtimeUs: START_US + index * 1000,
      monotonicUs: 1_000_000 + index * 1000,
      fields: [
        ['MESSAGE', index % 10 === 0 ? `${index} ${long}` : `entry ${index}`],
        ['PRIORITY', '4'],
      ],
    })),
  );
  return true;
};

const exec = (guest: EnrolledAgent, script: string): Promise<ExecStream> =>
  guest.exec({
    argv: ['sh', '-c', script],
    max_output_bytes: OUTPUT_BYTES,
    timeout_seconds: 300,
  });

test(
  'the native agent lives in 16 MB with everything in use',
  { timeout: 3 * LONG_MS },
  async (context) => {
    const build = { name: 'native', command: [orSkip(context, 'the native agent', NATIVE).path] };
    const limited = limitMemory(LIMIT_BYTES);
    if (!limited.ok) return context.skip(limited.reason);
    const { limit } = limited;
    onTestFinished(() => limit.remove());
    const folder = makeFolder();
    const journal = join(folder, 'journal');
    const hasJournal = await writeJournal(journal);
    const logFile = join(folder, 'app.log');
    writeFileSync(logFile, '');
    const files = join(folder, 'files');
    mkdirSync(files);
    const guest = await startEnrolled({
      build,
      launcher: limit.launcher,
      args: ['--role', 'guest,host'],
      config: {
        log_paths: [folder],
        ...(hasJournal && { journal_paths: [journal] }),
        file_prefixes: [files],
        exec_max_output_bytes: OUTPUT_BYTES,
      },
    });
    const { agent, address } = guest;
    onTestFinished(async () => void (await agent.kill()));
    const logs = async (query: string): Promise<LogClient> => {
      const client = await openLogs(address, query, {
        headers: guest.headers('GET', `/logs${query}`),
      });
      onTestFinished(() => client.destroy());
      return client;
    };
    const ok = async (target: string): Promise<void> => {
      expect((await guest.ask('GET', target)).status, target).toBe(200);
    };

    // A journal with lines of a megabyte, from its beginning.
    if (hasJournal) {
      const reader = await logs('?source=journal&follow=false&since=0');
      await reader.closed;
      expect(reader.lines).toHaveLength(100);
    }

    // A flood of lines, to readers of which most take nothing.
    const readers = await Promise.all(
      Array.from({ length: 8 }, () => logs(`?source=file:${logFile}&tail=0`)),
    );
    expect(readers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    for (const reader of readers.slice(1)) reader.pause();
    const line = `${'a line of some length '.repeat(20)}\n`;
    for (let part = 0; part < 10; part += 1) {
      appendFileSync(logFile, line.repeat(1_000));
      await ok('/metrics');
    }
    appendFileSync(logFile, 'the last one\n');
    await readers[0]?.until(
      'the end of the flood',
      () => readers[0]?.lines.at(-1)?.message === 'the last one',
      LONG_MS,
    );

    // A hundred megabytes, another command that nobody reads, and scrapes meanwhile.
    const flood = await exec(guest, `yes 0123456789abcdef | head -c ${OUTPUT_BYTES}`);
    const unread = await exec(guest, 'head -c 5000000 /dev/zero >&2; seq 200000');
    onTestFinished(() => unread.destroy());
    unread.pause();
    const stopAt = Date.now() + LONG_MS;
    while (flood.exited() === undefined && Date.now() < stopAt) {
      await ok('/metrics');
      await ok('/processes');
      await ok('/health');
    }
    expect(flood.exited()).toMatchObject({ exit_code: 0, output_bytes: OUTPUT_BYTES });
    // Its reader is cut off after a while, and then it goes on.
    await waitUntil(
      'the other one has ended',
      async () => {
        const { items } = executionListSchema.parse((await guest.ask('GET', '/exec')).json());
        return items.every(({ state }) => state === 'exited');
      },
      LONG_MS,
    );

    // What is kept of output that is dear as JSON, as one document.
    const { text } = await guest.ask('POST', '/exec', {
      argv: ['head', '-c', '4000000', '/dev/urandom'],
    });
    const result = executionResultSchema.parse(JSON.parse(text));
    expect(result.missing_bytes).toBeGreaterThan(1_000_000);
    expect(result.stdout.length).toBeGreaterThan(500_000);

    // The longest file that it takes, both ways, over both, and several at once.
    const pathOf = (name: string): string => join(files, name);
    const body = Buffer.alloc(FILE_BYTES, 'x');
    const put = async (name: string, bytes = body): Promise<number> => {
      const target = `/files?path=${encodeURIComponent(pathOf(name))}`;
      return (await guest.ask('PUT', target, bytes)).status;
    };
    expect(await put('a')).toBe(200);
    const read = await guest.ask('GET', `/files?path=${encodeURIComponent(pathOf('a'))}`);
    expect(read.text.length).toBe(FILE_BYTES);
    const call = await guest.ask('POST', '/rpc', {
      jsonrpc: '2.0',
      id: 1,
      method: 'file_write',
      params: { path: pathOf('b'), content: body.toString('base64'), encoding: 'base64' },
    });
    expect(call.json()).toMatchObject({ result: { bytes_written: FILE_BYTES } });
    const together = await Promise.all(['c', 'd', 'e', 'f'].map(async (name) => await put(name)));
    expect(together).toContain(200);
    expect(together.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    expect(await put('larger', Buffer.alloc(9_000_000))).toBe(413);
    await ok('/info');
    await ok('/health');
    expect(limit.kills()).toBe(0);
    expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
    return undefined;
  },
);
