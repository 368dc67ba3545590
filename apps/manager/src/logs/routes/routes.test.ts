/** The routes of logs over HTTP, with agents that a test makes up. */
import { logPageSchema, logTrailerSchema, logEventSchema } from '@innkeeper/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { request, type ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ask } from '../../../../../test/support/http-client.ts';
import { outcomeOf, serveApp } from '../../../../../test/support/http-served-app.ts';
import { openLogs, type LogClient } from '../../../../../test/support/log-client.ts';
import { waitUntil } from '../../../../../test/support/wait-until.ts';
import { makeAnswerStreams, type AnswerStreamsOptions } from '../../http/answer-streams.ts';
import { cpuMs } from '../../../../../test/support/cpu-ms.ts';
import { makeConnectGate } from '../../pull/connect-gate.ts';
import { makeFakeVms, makeVm, vmId } from '../../push/testing/fake-fleet.ts';
import { makeFakeAuthenticator } from '../../push/testing/push-server.ts';
import { makeLogHub } from '../hub/make-log-hub.ts';
import type { KeptPageQuery, ReadKeptPage } from '../kept/kept-page.ts';
import type { LogLimits } from '../limits.ts';
import { makeLogReader } from '../read/log-reader.ts';
import { lineOf, soonAfter, sseOf, startFakeAgent, type FakeAgent } from '../testing/fake-agent.ts';
import { makeLogRoutes } from './log-routes.ts';

const clock = { now: soonAfter, monotonicMs: () => performance.now() };
const PATH = `/v1/vms/${vmId(1)}/logs`;
const TOKEN = { authorization: 'Bearer everything' };

const start = async (
  logLimits: Partial<LogLimits> = {},
  streamOptions: Partial<AnswerStreamsOptions> = {},
  readKeptPage: ReadKeptPage = async () => [],
) => {
  const agent = await startFakeAgent();
  const labels = { app: 'web' };
  const vms = makeFakeVms([makeVm(1, { guestIp: agent.host, agentPort: agent.port, labels })]);
  const authenticator = makeFakeAuthenticator();
  authenticator.allow('everything');
  authenticator.allow('web', { scope: 'app=web' });
  authenticator.allow('db', { scope: 'app=db' });
  const shared = {
    mintToken: () => 'a-token',
    gate: makeConnectGate({ connecting: 8 }),
    clock,
    cpuMs,
    limits: { retryMs: 20, maxRetryMs: 100, lingerMs: 50, ...logLimits },
  };
  const hub = makeLogHub({ ...shared, vms, onPulled: () => () => {}, random: () => 0.5 });
  const reader = makeLogReader(shared);
  const streams = makeAnswerStreams({ authenticator, vms, ...streamOptions });
  const app = await serveApp({
    routes: makeLogRoutes({ hub, reader, readKeptPage, clock }),
    authenticator,
    findVm: (id) => vms.get(id),
    streams,
  });
  onTestFinished(async () => {
    streams.stop();
    await app.stop();
    await hub.stop();
    await agent.stop();
    await waitUntil('nothing is read any more', () => reader.readings() === 0);
    expect(streams.count()).toBe(0);
  });
  const open = async (
    query = '',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LogClient> => {
    const client = await openLogs(app, query, { path: PATH, headers: { ...TOKEN, ...headers } });
    onTestFinished(() => client.destroy());
    return client;
  };
  return { agent, app, vms, authenticator, hub, reader, streams, open };
};

const fill = (agent: FakeAgent, count: number): void => {
  agent.log(...Array.from({ length: count }, () => ({})));
};
const numbered = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `line ${from + index}`);
const messages = ({ lines }: LogClient): string[] => lines.map(({ message }) => message);

const COMPLETE = 'event: end\ndata: {"reason":"complete"}\n\n';

/** Each stream to the agent stays open until the test ends it; the last line is `last`. */
const holdAnswers = (agent: FakeAgent, last: string): Map<string, ServerResponse> => {
  const answers = new Map<string, ServerResponse>();
  agent.answerWith((asked, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
    const { searchParams } = new URL(asked.url ?? '', 'http://agent');
    const isFollowing = searchParams.get('follow') === 'true';
    const of = isFollowing ? 'hub' : `tail ${searchParams.get('tail')}`;
    answers.set(of, response);
    if (of === 'tail 1') response.end(`${last}${COMPLETE}`);
  });
  return answers;
};

describe('the stream', () => {
  test('gives the last lines, then what comes', async () => {
    const { agent, hub, open } = await start();
    fill(agent, 10);
    const client = await open('?tail=4&unit=app&unit=other&level=debug&grep=LINE');
    expect(client.status).toBe(200);
    await client.until('what was kept', () => client.lines.length === 4);
    agent.log({}, { target: 'elsewhere' }, {});
    await client.until('what comes', () => client.lines.length === 6);
    expect(messages(client)).toStrictEqual([
      'line 7',
      'line 8',
      'line 9',
      'line 10',
      'line 11',
      'line 13',
    ]);
    const asked = agent.requests.map(({ query }) => query.toString());
    expect(asked).toContain('follow=false&tail=4&level=debug&unit=app&unit=other&grep=LINE');
    client.destroy();
    await waitUntil('the stream has ended', () => agent.open() === 0);
    expect(hub.stats().listeners).toBe(0);
  });

  test('joins what was kept and what comes without hole or repeat, whenever it begins', async () => {
    const { agent, open } = await start();
    fill(agent, 1_000);
    let written = 1_000;
    const write = (): void => {
      fill(agent, 7);
      written += 7;
    };
    const clients: LogClient[] = [];
    for (const query of ['?tail=10', '?since=0', '', '?tail=0', '?since=0', '?tail=500']) {
      const opening = open(query);
      let isOpen = false;
      const note = (): void => {
        isOpen = true;
      };
      opening.then(note, note);
      // Lines are written at each moment in which it opens, however long that takes.
      for (let more = 0; more < 50; more += isOpen ? 1 : 0) {
        if (written < 15_000) write();
        await nextTurn();
      }
      clients.push(await opening);
    }
    for (const client of clients) {
      const last = `line ${written}`;
      await client.until('the last', () => messages(client).at(-1) === last, 30_000);
      const from = Number(/\d+/u.exec(messages(client)[0] ?? '')?.[0]);
      expect(messages(client)).toStrictEqual(numbered(written - from + 1, from));
      expect(client.dropped).toStrictEqual([]);
    }
    expect(messages(clients[1] ?? (await open()))[0]).toBe('line 1');
  }, 60_000);

  test('goes on after Last-Event-ID, with the hub alone or with what the agent has kept', async () => {
    const { agent, open } = await start();
    fill(agent, 5_000);
    const first = await open('', { 'last-event-id': 's=100' });
    await first.until('all of it', () => first.lines.length === 4_900);
    expect(messages(first)).toStrictEqual(numbered(4_900, 101));
    expect(agent.requests).toHaveLength(1);
    // The hub holds the last thousand by now.
    const second = await open('', { 'last-event-id': 's=50' });
    await second.until('all of it', () => second.lines.length === 4_950);
    fill(agent, 1);
    await second.until('the next', () => second.lines.length === 4_951);
    expect(messages(second)).toStrictEqual(numbered(4_951, 51));
    // As the first, but what the hub had for it is gone.
    const third = await open('', { 'last-event-id': 's=100' });
    await third.until('all of it', () => third.lines.length === 4_901);
    expect(messages(third)).toStrictEqual(numbered(4_901, 101));
    expect(third.dropped).toStrictEqual([]);
  });

  test('shows a line with the cursor of one before it: the file has been emptied', async () => {
    const { agent, open } = await start();
    fill(agent, 3);
    const client = await open();
    await client.until('what was kept', () => client.lines.length === 3);
    agent.log({ cursor: 's=2', message: 'after it was emptied' });
    await client.until('what comes', () => client.lines.length === 4);
    expect(messages(client).at(-1)).toBe('after it was emptied');
  });

  test('has also what came while it read what was kept', async () => {
    const { agent, hub, open } = await start();
    const answers = holdAnswers(agent, '');
    const client = await open('?tail=9');
    await waitUntil('both are open', () => answers.size === 3);
    answers.get('hub')?.write(sseOf(lineOf(1)));
    await waitUntil('the hub has it', () => hub.stats().lines === 1);
    answers.get('tail 9')?.end(COMPLETE);
    await client.until('the line', () => client.lines.length === 1);
    expect(client.dropped).toStrictEqual([]);
  });

  test.each(['', '&level=info&grep=line'])(
    'gives no line of before its short tail after it, however late the hub is%s',
    async (filter) => {
      const { agent, open } = await start();
      const answers = holdAnswers(agent, sseOf(lineOf(5)));
      const client = await open(`?tail=2${filter}`);
      await waitUntil('both are open', () => answers.size === 3);
      answers.get('tail 2')?.end(sseOf(lineOf(8)) + sseOf(lineOf(9)) + COMPLETE);
      await client.until('the tail', () => client.lines.length === 2);
      for (const number of [6, 7, 8, 9, 10]) answers.get('hub')?.write(sseOf(lineOf(number)));
      await client.until('what comes', () => messages(client).at(-1) === 'line 10');
      expect(messages(client)).toStrictEqual(numbered(3, 8));
      expect(client.dropped).toStrictEqual([]);
    },
  );

  test('says that lines are missing where it cannot go on after Last-Event-ID', async () => {
    const { agent, open } = await start();
    fill(agent, 3);
    const client = await open();
    await client.until('they are there', () => client.lines.length === 3);
    agent.log({});
    await client.until('the hub has one', () => client.lines.length === 4);
    agent.answerWith((_request, response) => {
      response.writeHead(503);
      response.end();
    });
    const second = await open('', { 'last-event-id': 's=unknown' });
    await second.until('what the hub has', () => second.lines.length > 0);
    expect(second.events[0]).toStrictEqual({ count: null, reason: 'slow' });
  });

  test('ends by itself where it is not to follow', async () => {
    const { agent, open } = await start();
    fill(agent, 3);
    const client = await open('?follow=false');
    await client.closed;
    expect(messages(client)).toStrictEqual(numbered(3));
    expect(client.end()).toStrictEqual({ reason: 'complete' });
    const until = await open('?until=1700000000002');
    await until.closed;
    expect(messages(until)).toStrictEqual(numbered(2));
  });

  test('outlives its agent, and says what is missing', async () => {
    const { agent, open } = await start();
    fill(agent, 3);
    const client = await open();
    await client.until('the first', () => client.lines.length === 3);
    agent.cut();
    fill(agent, 2);
    await client.until('the rest', () => client.lines.length === 5);
    agent.raw('event: dropped\ndata: {"count":7,"reason":"vacuumed"}\n\n');
    await client.until('it is told', () => client.dropped.length === 1);
    expect(client.dropped).toStrictEqual([{ count: 7, reason: 'vacuumed' }]);
    expect(messages(client)).toStrictEqual(numbered(5));
  });

  test('ends when the token is revoked, the VM is gone or out of sight, or the manager stops', async () => {
    const { agent, authenticator, open, streams, vms } = await start();
    fill(agent, 1);
    const clients = await Promise.all(
      ['everything', 'web', 'everything', 'everything'].map(async (token) =>
        open('', { authorization: `Bearer ${token}` }),
      ),
    );
    const [revoked, scoped] = [authenticator.allow('short-lived'), clients[1]];
    const last = await open('', { authorization: 'Bearer short-lived' });
    expect(streams.count()).toBe(5);
    authenticator.revoke(revoked.name, true);
    await last.closed;
    expect(last.end()).toMatchObject({ reason: 'failed' });
    vms.relabel(vmId(1), {});
    await scoped?.closed;
    expect(scoped?.end()).toMatchObject({ reason: 'failed' });
    expect(streams.count()).toBe(3);
    streams.stop();
    for (const client of clients) await client.closed;
    expect(clients[0]?.end()).toMatchObject({ reason: 'stopping' });
  });

  test.each([
    ['?tail=10001', 'tail'],
    ['?level=loud', 'level'],
    ['?unit=', 'unit'],
    [`?grep=${'x'.repeat(257)}`, 'grep'],
    ['?source=/etc/passwd', 'source'],
    ['?since=yesterday', 'since'],
    ['?since=5&until=4', 'since'],
    ['?follow=true&until=4', 'follow'],
    ['?colour=red', 'colour'],
  ])('refuses %s', async (query, name) => {
    const { app, agent } = await start();
    const reply = await ask(app, `${PATH}${query}`, { headers: TOKEN });
    expect(outcomeOf(reply)).toBe('422 invalid');
    expect(reply.text).toContain(name);
    expect(agent.requests).toHaveLength(0);
  });

  test('refuses a cursor that is none, and whoever may not see the VM', async () => {
    const { open } = await start();
    expect((await open('', { 'last-event-id': 'a b' })).status).toBe(422);
    expect((await open('', { authorization: 'Bearer db' })).status).toBe(404);
    expect((await open('', { authorization: 'Bearer nobody' })).status).toBe(401);
  });

  test('has a limit for each token, and room again when one goes', async () => {
    const { open } = await start({}, { maxStreamsPerActor: 2 });
    const clients = [await open(), await open()];
    const third = await open();
    expect(third.status).toBe(429);
    clients[0]?.destroy();
    await waitUntil('there is room', async () => (await open()).status === 200);
  });

  test('says what the agent said where it refuses or does not answer', async () => {
    const { agent, app, vms } = await start({ openMs: 200 });
    agent.answerWith((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"not_enrolled","message":"this agent has no manager"}}');
    });
    const refused = await ask(app, PATH, { headers: TOKEN });
    expect(outcomeOf(refused)).toBe('502 agent_unauthorized');
    expect(refused.text).toContain('not_enrolled');
    agent.answerWith(() => undefined);
    expect(outcomeOf(await ask(app, PATH, { headers: TOKEN }))).toBe('504 agent_timeout');
    vms.change(vmId(1), { guestIp: undefined });
    expect(outcomeOf(await ask(app, PATH, { headers: TOKEN }))).toBe('409 no_guest_ip');
  });
});

describe('a page', () => {
  const askPage = async (app: { host: string; port: number }, query: string) => {
    const reply = await ask(app, `${PATH}/page${query}`, { headers: TOKEN });
    expect(reply.status, reply.text).toBe(200);
    return logPageSchema.parse(reply.json());
  };

  test('is the last lines before a moment, or the first after one', async () => {
    const { agent, app } = await start();
    fill(agent, 10);
    const last = await askPage(app, '?limit=3');
    expect(last.items.map(({ message }) => message)).toStrictEqual(numbered(3, 8));
    expect(last).toMatchObject({ more: true, origin: 'agent', reason: null });
    const before = await askPage(app, '?limit=3&until=1700000000002');
    expect(before.items.map(({ message }) => message)).toStrictEqual(numbered(2));
    expect(before.more).toBe(false);
    const after = await askPage(app, '?limit=3&since=1700000000002');
    expect(after.items.map(({ message }) => message)).toStrictEqual(numbered(3, 2));
    expect(after.more).toBe(true);
    const between = await askPage(app, '?limit=3&since=1700000000002&until=1700000000009');
    expect(between.items.map(({ message }) => message)).toStrictEqual(numbered(3, 7));
    expect(await askPage(app, '?limit=3&since=1800000000000')).toMatchObject({
      items: [],
      more: false,
    });
  });

  test('is what the manager holds where the agent does not answer', async () => {
    const { agent, app, open } = await start();
    const client = await open();
    fill(agent, 5);
    await client.until('it follows', () => client.lines.length === 5);
    agent.answerWith((_request, response) => {
      response.writeHead(503);
      response.end();
    });
    const page = await askPage(app, '?limit=2&grep=line');
    expect(page.items.map(({ message }) => message)).toStrictEqual(numbered(2, 4));
    expect(page).toMatchObject({ more: true, origin: 'kept' });
    expect(page.reason).toContain('503');
    const other = await ask(app, `${PATH}/page?source=kmsg`, { headers: TOKEN });
    expect(outcomeOf(other)).toBe('502 agent_http');
  });

  test('has the kept lines before those that the manager holds', async () => {
    const asked: KeptPageQuery[] = [];
    const kept = [1, 2, 3, 4].map((number) => lineOf(number));
    const { agent, app, open } = await start({}, {}, async (_vm, query) => {
      asked.push(query);
      return kept;
    });
    const client = await open('?tail=0');
    await client.until('it is open', () => agent.open() === 1);
    agent.log(...[4, 5, 6].map((number) => lineOf(number)));
    await client.until('it follows', () => client.lines.length === 3);
    agent.answerWith((_request, response) => {
      response.writeHead(503);
      response.end();
    });
    const all = await askPage(app, '?limit=10');
    expect(all.items.map(({ message }) => message)).toStrictEqual(numbered(6));
    expect(asked[0]).toMatchObject({ until: 1_700_000_000_004, max: 11 });
    const last = await askPage(app, '?limit=2');
    expect(last.items.map(({ message }) => message)).toStrictEqual(numbered(2, 5));
    expect(asked).toHaveLength(1);
    const first = await askPage(app, '?limit=5&since=1700000000001');
    expect(first.items.map(({ message }) => message)).toStrictEqual(numbered(5));
    expect(first.more).toBe(true);
  });

  test('does nothing to a terminal', async () => {
    const { agent, app } = await start();
    const message = 'evil \u009b2J \u202eexe.gnp \u2028';
    agent.log({ message, fields: { nested: { deep: [message] } } });
    const { text } = await ask(app, `${PATH}/page`, { headers: TOKEN });
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect((await askPage(app, '')).items[0]).toMatchObject({
      message,
      fields: { nested: { deep: [message] } },
    });
  });

  test('has no line that nests deeper than any log does, or has more values', async () => {
    const { agent, app } = await start();
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const line = JSON.stringify(lineOf(2)).replace('"fields":{', `"fields":{"deep":${nested},`);
    agent.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${sseOf(lineOf(1))}event: log\ndata: ${line}\n\n${COMPLETE}`);
    });
    const page = await askPage(app, '');
    expect(page.items.map(({ cursor }) => cursor)).toStrictEqual(['s=1']);
  });

  test('has at most 16 MiB', async () => {
    const { agent, app } = await start();
    const long = 'x'.repeat(6_000_000);
    agent.log(...Array.from({ length: 4 }, () => ({ message: long })));
    const last = await askPage(app, '');
    expect(last.items.map(({ cursor }) => cursor)).toStrictEqual(['s=3', 's=4']);
    expect(last.more).toBe(true);
    const first = await askPage(app, '?since=1700000000001');
    expect(first.items.map(({ cursor }) => cursor)).toStrictEqual(['s=1', 's=2']);
    expect(first.more).toBe(true);
  }, 60_000);
});

describe('a download', () => {
  test('as text has a line each, and says that it is complete', async () => {
    const { agent, app } = await start();
    agent.log(
      { fields: { _HOSTNAME: 'web-1', _PID: '7' } },
      { message: 'evil\u001b[2J\nline', fields: {} },
    );
    const reply = await ask(app, `${PATH}/download?until=1800000000000`, { headers: TOKEN });
    expect(reply.text).toBe(
      '2023-11-14T22:13:20.001Z web-1 app.service[7]: line 1\n' +
        '2023-11-14T22:13:20.002Z app.service: evil\\u{1b}[2J\\nline\n' +
        '# complete: 2 lines\n',
    );
    expect(reply.headers['content-disposition']).toBe(
      'attachment; filename="vm-1-logs-all-20270115T080000.txt"',
    );
    expect(agent.requests[0]?.query.get('since')).toBe('0');
  });

  test('as JSON has an object per line, and a trailer', async () => {
    const { agent, app } = await start();
    fill(agent, 3);
    const reply = await ask(app, `${PATH}/download?format=json`, { headers: TOKEN });
    const lines = reply.text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines.slice(0, -1).map((line) => logEventSchema.parse(line).message)).toStrictEqual(
      numbered(3),
    );
    expect(logTrailerSchema.parse(lines.at(-1))).toStrictEqual({
      trailer: true,
      complete: true,
      reason: null,
      lines: 3,
      missing: 0,
    });
    expect(reply.headers['content-type']).toContain('ndjson');
  });

  test('says so where it broke off', async () => {
    const { agent, app } = await start();
    agent.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sseOf(lineOf(1)));
      response.write('event: dropped\ndata: {"count":4,"reason":"vacuumed"}\n\n');
      setImmediate(() => response.destroy());
    });
    const reply = await ask(app, `${PATH}/download`, { headers: TOKEN });
    expect(reply.text).toMatch(
      /# 4 lines missing here: vacuumed\n# INCOMPLETE after 1 lines, 4 missing in between: .*\n$/u,
    );
  });

  test('is read no faster than its reader takes it', async () => {
    const { agent, app } = await start();
    let sent = 0;
    let isGone = false;
    agent.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const text = sseOf(lineOf(1, 'x'.repeat(1_000))).repeat(50);
      const write = (): void => {
        while (!isGone && response.write(text)) sent += text.length;
        sent += text.length;
      };
      response.on('drain', write);
      response.on('close', () => {
        isGone = true;
      });
      write();
    });
    const asked = request({ ...app, path: `${PATH}/download`, headers: TOKEN, agent: false });
    asked.on('error', () => undefined);
    asked.on('response', (incoming) => {
      incoming.on('error', () => undefined);
      incoming.pause();
    });
    asked.end();
    let before = -1;
    // Until what is in between is full.
    await waitUntil('the agent is held', () => {
      const isSame = sent > 0 && sent === before;
      before = sent;
      return isSame;
    });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    asked.destroy();
    await waitUntil('the agent is left', () => isGone);
  });
});
