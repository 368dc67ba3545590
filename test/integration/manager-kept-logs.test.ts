/** From a real journal through a real agent into Postgres, while agent, manager and VM go. */
import { createServer } from 'node:net';
import { logPageSchema, logSearchSchema, type KeptLog } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import {
  makeDataDir,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { createVm } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startJournald, type Journald } from '../support/private-journald.ts';
import { waitUntil } from '../support/wait-until.ts';

const HOST = '127.0.0.52';
const started = await startJournald();

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const numbered = (prefix: string, from: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${from + index}`);

describe.skipIf(!started.ok)('kept logs of a VM', () => {
  let database: TestDatabase;
  let manager: ManagerProcess;
  let agent: AgentProcess;
  let journald: Journald;
  let vmId = '';
  let port = 0;
  const dataDir = makeDataDir();

  const startManagerAgain = async (): Promise<ManagerProcess> =>
    startManager({ databaseUrl: database.url, dataDir });
  const startAgentAgain = async (): Promise<AgentProcess> => {
    const about = z.looseObject({ public_keys: z.array(z.string()) });
    const { public_keys: keys } = about.parse((await manager.ask('/v1/manager')).json());
    return startAgent({
      build: bundleOn(process.execPath),
      args: ['--listen', `${HOST}:${port}`],
      config: { vm_id: vmId, manager_keys: keys, journal_paths: [journald.journalPath] },
    });
  };

  beforeAll(async () => {
    if (!started.ok) return;
    ({ journald } = started);
    database = await createTestDatabase();
    manager = await startManagerAgain();
    port = await freePort();
    vmId = (await createVm(manager, { name: 'recorded', guest_ip: HOST, agent_port: port })).id;
    agent = await startAgentAgain();
  }, 60_000);
  afterAll(async () => {
    if (!started.ok) return;
    await agent.stop();
    await manager.stop();
    await database.drop();
    await journald.stop();
    removeDataDir(dataDir);
  });

  /** Oldest first. */
  const search = async (query: string): Promise<readonly KeptLog[]> => {
    const reply = await manager.ask(`/v1/logs/search?limit=1000&${query}`);
    return logSearchSchema.parse(reply.json()).items.toReversed();
  };
  const messagesOf = async (query: string): Promise<readonly string[]> =>
    (await search(query)).map(({ message }) => message);

  test('are its warnings, in their order, with nothing else', async () => {
    const warnings = numbered('first warning', 0, 50);
    await journald.write('app', [
      '<6>harmless before',
      ...warnings.map((text) => `<4>${text}`),
      '<3>an error',
    ]);
    await waitUntil(
      'the error is found',
      async () => (await search('level=error&q=an%20error')).length === 1,
      30_000,
    );
    expect(await messagesOf('q=first%20warning')).toEqual(warnings);
    expect(await messagesOf('q=harmless')).toEqual([]);
    const [line] = await search('q=an%20ERROR');
    expect(line).toMatchObject({
      vm_id: vmId,
      vm_name: 'recorded',
      level: 'error',
      target: 'app',
      kept_for: 'level',
      fields: { SYSLOG_IDENTIFIER: 'app' },
    });
    expect(line?.timestamp).toBeTypeOf('number');
  }, 60_000);

  test('have no line twice and none missing after a restart of the manager, however it ended', async () => {
    const write = async (from: number, count: number): Promise<void> =>
      journald.write(
        'restarts',
        numbered('restart', from, count).map((text) => `<4>${text}`),
      );
    const areThere = async (count: number): Promise<void> =>
      waitUntil(
        `there are ${count} lines`,
        async () => (await search('q=restart&unit=restarts')).length >= count,
        30_000,
      );
    await write(0, 20);
    await areThere(20);
    await Promise.all([write(20, 10), manager.stop()]);
    await write(30, 10);
    manager = await startManagerAgain();
    await areThere(40);
    await Promise.all([write(40, 10), manager.kill()]);
    await write(50, 10);
    manager = await startManagerAgain();
    await areThere(60);
    await write(60, 1);
    await areThere(61);
    expect(await messagesOf('q=restart&unit=restarts')).toEqual(numbered('restart', 0, 61));
  }, 120_000);

  test('have the last words of a guest whose agent was killed, once, also when it is deleted', async () => {
    const lastWords = numbered('last word', 0, 30);
    await journald.write(
      'dying',
      lastWords.map((text) => `<6>${text}`),
    );
    // What comes after them is kept for its level: so they have come too.
    await journald.write('dying', ['<4>all was said']);
    await waitUntil(
      'the manager has got them',
      async () => (await search('q=all%20was%20said')).length === 1,
      30_000,
    );
    expect(await search('q=last%20word')).toEqual([]);
    await agent.kill();
    await waitUntil(
      'the last words are found',
      async () => (await search('q=last%20word')).length === lastWords.length,
      30_000,
    );
    const found = await search('q=last%20word');
    expect(found.map(({ message }) => message)).toEqual(lastWords);
    expect(new Set(found.map(({ kept_for: why }) => why))).toEqual(new Set(['last_words']));

    // Nobody else has them: the agent is gone, and so is what the manager held in memory.
    await manager.stop();
    manager = await startManagerAgain();
    const page = await manager.ask(`/v1/vms/${vmId}/logs/page?grep=last%20word`);
    expect(logPageSchema.parse(page.json())).toMatchObject({
      origin: 'kept',
      items: lastWords.map((message) => ({ message })),
    });
    expect((await manager.ask(`/v1/vms/${vmId}`, { method: 'DELETE' })).status).toBe(204);
    const gone = await search(`vm_id=${vmId}&q=last%20word`);
    expect(gone.map(({ message }) => message)).toEqual(lastWords);
    expect(gone[0]?.vm_name).toBe('recorded');
  }, 90_000);
});
