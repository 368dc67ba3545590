/** From a real journal through a real agent and the built manager to a socket, while parts of it die. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { logPageSchema, logTrailerSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { openLogs } from '../support/log-client.ts';
import { openPageOfLogs, type PageOfLogs } from '../support/manager-logs.ts';
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

const HOST = '127.0.0.51';
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

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

describe.skipIf(!started.ok)('live logs of a VM', () => {
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
    vmId = (await createVm(manager, { name: 'logging', guest_ip: HOST, agent_port: port })).id;
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

  const openPage = async (): Promise<PageOfLogs> => {
    const page = await openPageOfLogs(manager, vmId);
    onTestFinished(() => page.close());
    await waitUntil('it is live', () => page.viewer().states.at(-1)?.state === 'live', 20_000);
    return page;
  };
  const of = (page: PageOfLogs, prefix: string): readonly string[] =>
    page.messages().filter((message) => message.startsWith(prefix));
  const untilShown = async (page: PageOfLogs, message: string): Promise<void> =>
    waitUntil(`"${message}" is shown`, () => page.messages().includes(message), 20_000);

  test('go on where they were when the agent is killed, and when the manager is', async () => {
    const page = await openPage();
    await journald.write('killing', numbered('killed', 50));
    await untilShown(page, 'killed 49');
    await agent.kill();
    await waitUntil('it is told', () => page.viewer().states.at(-1)?.state === 'reconnecting');
    await journald.write('killing', numbered('meanwhile', 300));
    agent = await startAgentAgain();
    await untilShown(page, 'meanwhile 299');
    expect(page.viewer().states.at(-1)?.state).toBe('live');
    expect(of(page, 'killed')).toStrictEqual(numbered('killed', 50));
    expect(of(page, 'meanwhile')).toStrictEqual(numbered('meanwhile', 300));
    expect(page.marks()).toMatchObject([{ mark: 'resumed', count: 0 }]);

    await manager.kill();
    await journald.write('killing', numbered('without manager', 1_500));
    manager = await startManagerAgain();
    await page.reconnect(manager);
    await untilShown(page, 'without manager 1499');
    await journald.write('killing', ['and then']);
    await untilShown(page, 'and then');
    expect(of(page, 'without manager')).toStrictEqual(numbered('without manager', 1_500));
    expect(page.dropped()).toBe(0);
    expect(page.viewer().histories[0]?.fresh).toBe(false);
    const cursors = page.entries().flatMap((entry) => ('cursor' in entry ? entry.cursor : []));
    expect(new Set(cursors).size).toBe(cursors.length);
  }, 60_000);

  test('come over REST as well: followed, in pages, and as a file', async () => {
    const path = `/v1/vms/${vmId}/logs`;
    const { host, port: managerPort, adminToken } = manager;
    const address = { host, port: managerPort };
    const headers = { authorization: `Bearer ${adminToken}` };
    await journald.write('rest', ['<4>a warning', ...numbered('rest', 20)]);
    const query = '?unit=rest&tail=5';
    const client = await openLogs(address, query, { path, headers });
    onTestFinished(() => client.destroy());
    await client.until('what was kept', () => client.lines.length === 5);
    await journald.write('rest', numbered('later', 3));
    await client.until('what comes', () => client.lines.length === 8);
    expect(client.lines.map(({ message }) => message)).toStrictEqual([
      ...numbered('rest', 20).slice(-5),
      ...numbered('later', 3),
    ]);
    const last = client.lastId() ?? '';
    client.destroy();
    await journald.write('rest', numbered('missed', 4));
    const again = await openLogs(address, '?unit=rest', {
      path,
      headers: { ...headers, 'last-event-id': last },
    });
    onTestFinished(() => again.destroy());
    await again.until('the rest', () => again.lines.length === 4);
    expect(again.lines.map(({ message }) => message)).toStrictEqual(numbered('missed', 4));
    again.destroy();

    const page = logPageSchema.parse(
      (await manager.ask(`${path}/page?level=warn&unit=rest`)).json(),
    );
    expect(page.items.map(({ message }) => message)).toStrictEqual(['a warning']);
    expect(page).toMatchObject({ origin: 'agent', more: false });

    const file = (await manager.ask(`${path}/download?format=json`)).text.trimEnd().split('\n');
    const trailer = logTrailerSchema.parse(JSON.parse(file.at(-1) ?? ''));
    expect(trailer).toMatchObject({ complete: true, missing: 0, lines: file.length - 1 });
    expect(trailer.lines).toBe(journald.read().length);
    const text = (await manager.ask(`${path}/download?unit=rest&since=0`)).text;
    expect(text).toMatch(/^\S+Z \S+ rest\[\d+\]: a warning\n/u);
    expect(text).toMatch(/# complete: 28 lines\n$/u);
  });

  test('survive rotation, and a burst of 10 MB for which one viewer is too slow', async () => {
    const [quick, slow] = [await openPage(), await openPage()];
    await journald.write('burst', numbered('before', 10));
    await untilShown(slow, 'before 9');
    slow.viewer().fallBehind();
    const burst = numbered('burst', 10_000).map((line) => `${line} ${'x'.repeat(1_000)}`);
    await journald.write('burst', burst.slice(0, 5_000));
    await journald.rotate();
    await journald.write('burst', burst.slice(5_000));
    await journald.write('burst', ['after the burst']);
    await untilShown(quick, 'after the burst');
    slow.viewer().catchUp();
    await untilShown(slow, 'after the burst');
    const written = journald.read().map((entry) => entry['__CURSOR']);
    const lost = (page: PageOfLogs): number =>
      page.dropped() + page.marks().reduce((sum, { count }) => sum + (count ?? 0), 0);
    for (const page of [quick, slow]) {
      const shown = page.entries().flatMap((entry) => ('cursor' in entry ? entry.cursor : []));
      const at = shown.map((cursor) => written.indexOf(cursor));
      expect(at).toStrictEqual(at.toSorted((one, other) => one - other));
      expect(new Set(shown).size).toBe(shown.length);
      expect(shown.length + lost(page)).toBe(written.length - (at[0] ?? 0));
    }
    expect(lost(slow)).toBeGreaterThan(0);
  }, 60_000);
});
