/** `GET /logs` on the files of a real journald, with journalctl as the oracle. */
import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEvent } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { openLogs, type LogClient, type LogQuestion } from '../support/log-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { startJournald, type Journald } from '../support/private-journald.ts';

const VM_ID = '018f3a52-0c39-7d6e-b2c4-6b1f5a0e9d11';
const key = makeManagerKey();
const tokenOf = (scope: string): string =>
  key.sign({ aud: VM_ID, scope, exp: secondsFromNow(600) });

const started = await startJournald();
afterAll(async () => {
  if (started.ok) await started.journald.stop();
});

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

const messages = ({ lines }: LogClient): readonly string[] => lines.map(({ message }) => message);

/** What journalctl gives for a message: text, or bytes where it is none. */
const messageOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Buffer.from(Array.isArray(value) ? value.map(Number) : []).toString('utf8');

const expectSame = (
  line: LogEvent | undefined,
  entry: Readonly<Record<string, unknown>> | undefined,
): void => {
  expect(line?.cursor).toBe(entry?.['__CURSOR']);
  expect(line?.timestamp).toBe(Math.floor(Number(entry?.['__REALTIME_TIMESTAMP']) / 1000));
  if (line?.cut_bytes === undefined) expect(line?.message).toBe(messageOf(entry?.['MESSAGE']));
  for (const [name, value] of Object.entries(entry ?? {})) {
    if (name === 'MESSAGE' || name.startsWith('__')) continue;
    expect(line?.fields[name]).toEqual(Array.isArray(value) ? value[0] : value);
  }
};

describe.each(AGENT_BUILDS)('$name, with a journal', (build) => {
  let agent: AgentProcess | undefined;
  let journald: Journald | undefined;

  beforeAll(async () => {
    if (!started.ok) return;
    ({ journald } = started);
    agent = await startAgent({
      build,
      config: {
        vm_id: VM_ID,
        manager_keys: [key.publicKey],
        journal_paths: [journald.journalPath],
      },
    });
  });
  afterAll(async () => void (await agent?.stop()));

  const parts = (context: { skip: (reason: string) => never }): [AgentProcess, Journald] => {
    if (agent !== undefined && journald !== undefined) return [agent, journald];
    return context.skip(started.ok ? 'the agent did not start' : started.reason);
  };

  const logs = async (
    of: AgentProcess,
    query: string,
    question: LogQuestion = {},
  ): Promise<LogClient> => {
    const headers = { ...bearer(tokenOf('logs')), ...question.headers };
    const client = await openLogs(of.address, query, { ...question, headers });
    onTestFinished(() => client.destroy());
    return client;
  };

  test('gives every entry as journalctl does: order, cursor, message, fields', async (context) => {
    const [of, journal] = parts(context);
    await journal.write('oracle', [
      '<3>an error',
      '<7>for debugging',
      'tabs\tand \u001b[31mcolours\u001b[0m',
      'ümläute and 🐑',
      `long ${'lorem ipsum dolor '.repeat(200)}end`,
      ...numbered('plain', 500),
    ]);
    const entries = journal.read();
    const client = await logs(of, '?follow=false&tail=10000');
    await client.closed;
    expect(client.end()).toEqual({ reason: 'complete' });
    expect(client.lines.length).toBe(entries.length);
    client.lines.forEach((line, index) => expectSame(line, entries[index]));
    const debugging = client.lines.find(({ message }) => message === 'for debugging');
    expect(debugging).toMatchObject({ level: 'debug', target: 'oracle', stream: 'stdout' });
  }, 60_000);

  test.for([
    ['?unit=oracle&tail=5', 5],
    ['?level=error&unit=oracle', 1],
    ['?level=3&grep=AN ERR', 1],
    ['?grep=plain 49', 11],
    ['?unit=nobody', 0],
    ['?unit=%2A&unit=.%2A&grep=(a%2B)%2B%24', 0],
    ['?until=1000', 0],
    ['?since=9000000000000', 0],
    ['?tail=0', 0],
  ] as const)('filters at the source: %s', async ([query, count], context) => {
    const [of] = parts(context);
    const client = await logs(of, `${query.replaceAll(' ', '%20')}&follow=false`);
    await client.closed;
    expect(client.lines.length).toBe(count);
    expect(client.end()).toEqual({ reason: 'complete' });
  });

  test('gives what lies between two times, as journalctl does', async (context) => {
    const [of, journal] = parts(context);
    const entries = journal.read();
    const times = entries.map((entry) => Math.floor(Number(entry['__REALTIME_TIMESTAMP']) / 1000));
    const since = times[Math.floor(times.length / 3)] ?? 0;
    const until = times[Math.floor(times.length / 2)] ?? 0;
    const client = await logs(of, `?since=${since}&until=${until}`);
    await client.closed;
    const between = entries.filter(
      (_, at) => (times[at] ?? 0) >= since && (times[at] ?? 0) <= until,
    );
    expect(client.lines.map(({ cursor }) => cursor)).toEqual(
      between.map((entry) => entry['__CURSOR']),
    );
  });

  test('follows through rotation, in order, for several who watch', async (context) => {
    const [of, journal] = parts(context);
    const clients = await Promise.all([logs(of, '?tail=0'), logs(of, '?tail=0&unit=turning')]);
    const expected = numbered('turn', 600);
    for (let from = 0; from < expected.length; from += 200) {
      await journal.write('turning', expected.slice(from, from + 200));
      await clients[1].until('the part has come', () => clients[1].lines.length >= from + 200);
      await journal.rotate();
    }
    expect(messages(clients[1])).toEqual(expected);
    const first = (): readonly LogEvent[] =>
      clients[0].lines.filter(({ target }) => target === 'turning');
    await clients[0].until('the other has it too', () => first().length >= expected.length);
    expect(first().map(({ message }) => message)).toEqual(expected);
    expect(clients.flatMap(({ dropped }) => dropped)).toEqual([]);
  }, 30_000);

  test('resumes by Last-Event-ID without loss or repeat, wherever it was cut', async (context) => {
    const [of, journal] = parts(context);
    const expected = numbered('cut', 10_000);
    const collected: string[] = [];
    let after: string | undefined;
    const writing = journal.write('cutting', expected);
    const rotating = journal.rotate();
    for (let attempt = 0; collected.length < expected.length && attempt < 40; attempt += 1) {
      const limit = 200 + Math.floor(Math.random() * 1500);
      let taken = 0;
      const client: LogClient = await logs(of, '?unit=cutting&tail=10000', {
        ...(after !== undefined && { headers: { 'last-event-id': after } }),
        onLine: (line) => {
          // What comes after the cut never arrived.
          if (taken >= limit) return;
          taken += 1;
          collected.push(line.message);
          after = line.cursor;
        },
      });
      const isEnough = (): boolean => taken >= limit || collected.length >= expected.length;
      await client.until('a part has come', isEnough, 30_000);
      client.destroy();
      expect(client.dropped).toEqual([]);
    }
    await Promise.all([writing, rotating]);
    expect(collected.length).toBe(expected.length);
    expect(collected).toEqual(expected);
  }, 60_000);

  test('says what is gone of what a client has missed', async (context) => {
    const [of, journal] = parts(context);
    await journal.write('gone', numbered('before', 20));
    await journal.rotate();
    const [first] = journal.read(['SYSLOG_IDENTIFIER=gone']);
    await journal.write('gone', numbered('after', 20));
    for (const name of readdirSync(journal.folder)) {
      if (name.includes('@')) rmSync(join(journal.folder, name));
    }
    const headers = { 'last-event-id': String(first?.['__CURSOR']) };
    const client = await logs(of, '?unit=gone&follow=false', { headers });
    await client.closed;
    expect(messages(client)).toEqual(numbered('after', 20));
    expect(client.dropped.map(({ reason }) => reason)).toEqual(['vacuumed']);
    expect(client.dropped[0]?.count).toBeGreaterThanOrEqual(19);
  });

  test('counts what a slow reader loses, and gives all the rest', async (context) => {
    const [of, journal] = parts(context);
    const client = await logs(of, '?tail=0&unit=flood');
    client.pause();
    const lines = numbered(`${'x'.repeat(900)} flood`, 9_000);
    await journal.write('flood', lines);
    // The kernel's buffers take several megabytes by themselves.
    client.resume();
    await client.until('it is told', () => client.dropped.length > 0);
    await journal.write('flood', ['the last one']);
    await client.until('the last one has come', () => messages(client).includes('the last one'));
    const lost = client.dropped.reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(client.dropped.every(({ reason }) => reason === 'slow')).toBe(true);
    expect(lost + client.lines.length).toBe(lines.length + 1);
    expect(lost).toBeGreaterThan(0);
    const numbers = client.lines.slice(0, -1).map(({ message }) => lines.indexOf(message));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  }, 60_000);

  test('goes on with the next file when one is cut off under it', async (context) => {
    const [of, journal] = parts(context);
    const client = await logs(of, '?tail=0&unit=broken');
    await journal.write('broken', ['before']);
    await client.until('it has come', () => client.lines.length === 1);
    await journal.rotate();
    await journal.write('broken', ['in the new file']);
    await client.until('it has come', () => client.lines.length === 2);
    // As after a failed disk: journald itself notices and starts anew.
    const system = join(journal.folder, 'system.journal');
    const held = readFileSync(system);
    truncateSync(system, 100);
    await client.until('it is told', () => client.dropped.length > 0);
    expect(client.dropped[0]).toMatchObject({ reason: 'damaged' });
    truncateSync(system, held.length);
    expect(client.end()).toBeUndefined();
  });

  test.for([
    ['', undefined, 401],
    ['', 'metrics', 403],
    ['?tail=10001', 'logs', 422],
    ['?tail=-1', 'logs', 422],
    ['?level=loud', 'logs', 422],
    ['?level=__proto__', 'logs', 422],
    ['?since=yesterday', 'logs', 422],
    ['?follow=true&until=5', 'logs', 422],
    ['?follow=maybe', 'logs', 422],
    ['?unit=', 'logs', 422],
    [`?grep=${'x'.repeat(257)}`, 'logs', 422],
    ['?source=/etc/passwd', 'logs', 422],
    ['?source=file:relative', 'logs', 422],
    ['?source=file:/etc/passwd', 'logs', 404],
    ['?source=file:/var/log/../../etc/passwd', 'logs', 404],
    ['?colour=red', 'logs', 422],
  ] as const)('refuses %s with the scope %s', async ([query, scope, status], context) => {
    const [of] = parts(context);
    const headers = scope === undefined ? {} : bearer(tokenOf(scope));
    const client = await openLogs(of.address, query, { headers });
    await client.closed;
    expect(client.status).toBe(status);
  });

  test('refuses a cursor that is none, and takes one of another journal by its time', async (context) => {
    const [of, journal] = parts(context);
    const broken = await logs(of, '?source=journal', { headers: { 'last-event-id': 'x' } });
    expect(broken.status).toBe(422);
    const [entry] = journal.read(['--lines=10']);
    const other = String(entry?.['__CURSOR']).replace(/^s=.{32}/u, `s=${'0'.repeat(32)}`);
    const client = await logs(of, '?follow=false', { headers: { 'last-event-id': other } });
    await client.closed;
    expect(client.lines.length).toBe(9);
  });

  test('has a limit of streams, and room again when one goes', async (context) => {
    const [of] = parts(context);
    const clients = await Promise.all(Array.from({ length: 16 }, async () => logs(of, '?tail=0')));
    expect(clients.every(({ status }) => status === 200)).toBe(true);
    expect((await logs(of, '?tail=0')).status).toBe(429);
    clients[0]?.destroy();
    await clients[1]?.until('there is room', () => true);
    let status = 429;
    for (let attempt = 0; attempt < 50 && status === 429; attempt += 1) {
      ({ status } = await logs(of, '?tail=0&follow=false'));
    }
    expect(status).toBe(200);
  });

  test("gives the agent's own log", async (context) => {
    const [of] = parts(context);
    const client = await logs(of, '?source=agent&follow=false');
    await client.closed;
    expect(messages(client)).toEqual(['listening', 'started']);
    expect(client.lines[1]).toMatchObject({ level: 'info', target: 'guest-agent' });
  });

  test('refuses a pace out of bounds, and keeps no reader waiting for one that is patient', async (context) => {
    const [of, journal] = parts(context);
    for (const pace of ['9', '1001', 'slow']) {
      expect((await logs(of, `?pace=${pace}`)).status).toBe(422);
    }
    const patient = await logs(of, '?tail=0&unit=paced&pace=1000');
    const eager = await logs(of, '?tail=0&unit=paced&pace=10');
    await journal.write('paced', numbered('paced', 50));
    for (const client of [patient, eager]) {
      await client.until('all are there', () => client.lines.length === 50);
      expect(messages(client)).toEqual(numbered('paced', 50));
    }
  });

  test('says that the agent stops, behind all that has come by then', async (context) => {
    const [of, journal] = parts(context);
    const client = await logs(of, '?tail=0&unit=last&pace=1000');
    await journal.write('last', ['a last word']);
    await of.stop();
    await client.closed;
    expect(messages(client)).toEqual(['a last word']);
    expect(client.end()).toEqual({ reason: 'stopping' });
  });
});
