import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import { makeVm } from '../../../../../test/support/registry-fixtures.ts';
import { RUN_LIMITS } from '../limits.ts';
import { deleteOldRuns } from '../sql/delete-old-runs.ts';
import {
  startFakeExecAgent,
  type FakeCommand,
  type FakeExecAgent,
} from '../testing/fake-exec-agent.ts';
import { startRuns, untilOver, type ManagerOfRuns } from '../testing/run-harness.ts';
import { groupRun } from './group-run.ts';

let testDatabase: TestDatabase;
let agent: FakeExecAgent;
let manager: ManagerOfRuns;
const vms = () =>
  Array.from({ length: 50 }, (_, index) =>
    makeVm(index + 1, { guestIp: agent.host, agentPort: agent.port }),
  );

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(async () => testDatabase.drop());
beforeEach(async () => {
  agent = await startFakeExecAgent();
  const all = vms();
  const registry = { get: (id: string) => all.find((vm) => vm.id === id) };
  manager = startRuns(testDatabase.database, registry);
});
afterEach(async () => {
  await manager.stop();
  await agent.stop();
});

const run = async (act: (command: FakeCommand, number: number) => void): Promise<string> => {
  agent.onBegin((command) => act(command, agent.begun.length));
  const id = await manager.begin(vms());
  await untilOver(manager, id);
  return id;
};
const group = async (id: string, visible: readonly string[] | null = null) => {
  const { run: record, executions } = await manager.read(id);
  const seen = executions.filter(({ vmId }) => visible?.includes(vmId) ?? true);
  const { signal } = new AbortController();
  const options = { database: testDatabase.database, limits: RUN_LIMITS, signal };
  return groupRun(options, record, seen, visible);
};

test('48 identical, 2 differ: times do not count, and the diff says what does', async () => {
  const id = await run((command, number) => {
    command.output(`started at 10:${String(number).padStart(2, '0')}:00\nhello\n`);
    // However the output is cut into pieces.
    if (number % 2 === 0) {
      command.output('do');
      command.output('ne\n');
    } else command.output('done\n');
    if (number === 7) command.output('warning: disk\n', 'stderr');
    command.exit(number === 9 ? 1 : 0);
  });
  const groups = await group(id);
  expect(groups).toMatchObject({ identical: 48, differing: 2, unfinished: 0, more_groups: 0 });
  expect(groups.groups.map(({ count }) => count)).toStrictEqual([48, 1, 1]);
  expect(groups.groups[0]).toMatchObject({ exit_code: 0, diff: null, sample_is_cut: false });
  expect(groups.groups[0]?.executions).toHaveLength(48);
  const warned = groups.groups.find(({ sample }) => sample.includes('warning'));
  expect(warned?.diff?.lines.filter(({ op }) => op !== ' ')).toStrictEqual([
    { op: '+', text: 'warning: disk' },
  ]);
  const failed = groups.groups.find(({ exit_code: code }) => code === 1);
  expect(failed?.diff?.lines.filter(({ op }) => op !== ' ')).toStrictEqual([]);
});

test('one sees groups of the VMs that one may see', async () => {
  const id = await run((command, number) => command.exit(number === 1 ? 1 : 0));
  const { executions } = await manager.read(id);
  const visible = executions.slice(0, 3).map(({ vmId }) => vmId);
  const groups = await group(id, visible);
  expect(groups.identical + groups.differing).toBe(3);
  const shown = groups.groups.flatMap((one) => one.executions.map(({ vm_id: vmId }) => vmId));
  expect(shown.every((vmId) => visible.includes(vmId))).toBe(true);
});

test('old runs go with all that they have, the newest and those under way stay', async () => {
  const { database } = testDatabase;
  await run((command) => {
    command.output('x\n');
    command.exit(0);
  });
  const kept = await run((command) => command.exit(0));
  agent.onBegin(() => undefined);
  const active = await manager.begin(vms().slice(0, 1));
  const some = { endedBeforeMs: 0, max: 100 };
  expect(await deleteOldRuns(database, { ...some, keep: 1_000 })).toBe(0);
  expect(await deleteOldRuns(database, { ...some, keep: 2 })).toBeGreaterThan(0);
  expect((await manager.read(kept)).executions).toHaveLength(50);
  const later = { endedBeforeMs: Date.now() + 60_000, keep: 1_000, max: 100 };
  expect(await deleteOldRuns(database, later)).toBe(1);
  await expect(manager.read(kept)).rejects.toThrow('there is no run');
  const { rows } = await database.query({
    text: `SELECT 1 FROM run_event WHERE NOT EXISTS
      (SELECT 1 FROM execution WHERE execution.key = run_event.execution_key)
      AND execution_key IS NOT NULL`,
  });
  expect(rows).toStrictEqual([]);
  expect((await manager.read(active)).run.endedAt).toBeUndefined();
});
