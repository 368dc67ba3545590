/** One run on fifty VMs of which one fails, through the built manager: what an operator reads afterwards. */
import {
  runCreatedSchema,
  runGroupsSchema,
  runSchema,
  runSummarySchema,
  pageOf,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  startFakeExecAgent,
  type FakeExecAgent,
} from '../../apps/manager/src/runs/testing/fake-exec-agent.ts';
import {
  makeDataDir,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { createVm, expectStatus } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const VMS = 50;
const FAILING = 17;
const RUN_MS = 30_000;

let testDatabase: TestDatabase;
let manager: ManagerProcess;
let dataDir = '';
const agents: FakeExecAgent[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataDir = makeDataDir();
  manager = await startManager({
    databaseUrl: testDatabase.url,
    dataDir,
    args: ['--log-dir', 'off'],
  });
  for (let number = 1; number <= VMS; number += 1) {
    const agent = await startFakeExecAgent(`127.0.3.${number}`);
    agents.push(agent);
    let attempts = 0;
    agent.onBegin((command) => {
      attempts += 1;
      command.output(`restarting at 12:00:${10 + number}\n`);
      if (number === FAILING && attempts === 1) {
        command.output('no space left on device\n', 'stderr');
        command.exit(28);
        return;
      }
      command.output('restarted\n');
      command.exit(0);
    });
    await createVm(manager, {
      name: `web-${String(number).padStart(2, '0')}`,
      guest_ip: agent.host,
      agent_port: agent.port,
      labels: { tier: 'web' },
    });
  }
});
afterAll(async () => {
  await manager.stop();
  for (const agent of agents) await agent.stop();
  await testDatabase.drop();
  removeDataDir(dataDir);
});

const read = async (id: string) =>
  runSchema.parse(expectStatus(await manager.ask(`/v1/runs/${id}`), 200).json());
const ended = async (id: string) => {
  await waitUntil('the run ends', async () => (await read(id)).ended_at !== null, RUN_MS);
  return read(id);
};
const begin = async (path: string, json: object): Promise<string> => {
  const reply = await manager.ask(path, { method: 'POST', json });
  return runCreatedSchema.parse(expectStatus(reply, 202).json()).run_id;
};

test('49 are the same, one differs, and only that one is tried again', async () => {
  const id = await begin('/v1/runs', {
    script: 'systemctl restart web',
    targets: { selector: 'tier=web' },
    concurrency: 20,
  });
  const run = await ended(id);
  expect(run.counts).toMatchObject({ total: VMS, succeeded: VMS - 1, failed: 1, cancelled: 0 });
  const failed = run.executions.filter(({ exit_code: code }) => code !== 0);
  expect(failed).toMatchObject([{ vm_name: 'web-17', state: 'exited', exit_code: 28 }]);

  const groups = runGroupsSchema.parse((await manager.ask(`/v1/runs/${id}/groups`)).json());
  expect(groups).toMatchObject({ identical: VMS - 1, differing: 1, unfinished: 0, more_groups: 0 });
  const [same, other] = groups.groups;
  expect(same).toMatchObject({ count: VMS - 1, exit_code: 0, diff: null });
  expect(other).toMatchObject({ count: 1, exit_code: 28, executions: [{ vm_name: 'web-17' }] });
  const lines = other?.diff?.lines.filter(({ op }) => op !== ' ').map(({ op, text }) => op + text);
  expect(lines).toStrictEqual(['-restarted', '+no space left on device']);

  const again = await ended(await begin(`/v1/runs/${id}/retry`, {}));
  expect(again).toMatchObject({ retry_of: id, counts: { total: 1, succeeded: 1 } });
  expect(agents.map(({ begun }) => begun.length)).toStrictEqual(
    Array.from({ length: VMS }, (_, index) => (index + 1 === FAILING ? 2 : 1)),
  );
  const all = pageOf(runSummarySchema).parse((await manager.ask('/v1/runs')).json()).items;
  expect(all.map((one) => one.id)).toStrictEqual([again.id, id]);
});
