import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import { makeVm } from '../../../../../test/support/registry-fixtures.ts';
import { waitUntil } from '../../../../../test/support/wait-until.ts';
import { startFakeExecAgent, type FakeExecAgent } from '../testing/fake-exec-agent.ts';
import { startRuns, untilOver, type ManagerOfRuns } from '../testing/run-harness.ts';
import type { VmRecord } from '../../vms/vm-record.ts';

let testDatabase: TestDatabase;
let agent: FakeExecAgent;
let manager: ManagerOfRuns;
let root: string;
let vm: VmRecord;
const registry = { get: (id: string) => (id === vm.id ? vm : undefined) };
const start = (): ManagerOfRuns =>
  startRuns(testDatabase.database, registry, { filesPerVm: 3 }, root);

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(async () => testDatabase.drop());
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'log-files-'));
  agent = await startFakeExecAgent();
  const place = { guestIp: agent.host, agentPort: agent.port };
  vm = makeVm(1, { name: '../web', ...place });
  manager = start();
});
afterEach(async () => {
  await manager.stop();
  await agent.stop();
  rmSync(root, { recursive: true });
});

/** The folder has the id of the VM too, since its name could not be kept. */
const files = (): string[] => {
  const [folder = ''] = readdirSync(root);
  return folder === '' ? [] : readdirSync(join(root, folder)).toSorted();
};
const textOf = (name: string): string =>
  readFileSync(join(root, readdirSync(root)[0] ?? '', name), 'utf8');

test('a file grows while the command runs, and its name says at the end how it ended', async () => {
  const id = await manager.begin([vm], { name: 'a/../b' });
  await waitUntil('it runs', () => agent.streams() === 1);
  agent.begun[0]?.output('one\n');
  await waitUntil('the line is there', () => files().some((name) => textOf(name).includes('one')));
  expect(files()).toHaveLength(1);
  expect(files()[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-a-.-b-[0-9a-f]{8}\.log$/u);
  agent.begun[0]?.exit(0);
  await untilOver(manager, id);
  await waitUntil('it has ended', () => files()[0]?.endsWith('.ok.log') === true);
  expect(files()).toHaveLength(1);
  expect(textOf(files()[0] ?? '')).toMatch(/one\n\n# Completed: .*\n# Exit code: 0\n$/u);
  expect(readdirSync(root)).toStrictEqual([`web-${vm.id.slice(0, 8)}`]);
});

test('the oldest go, and what is not ours stays', async () => {
  agent.onBegin((command) => command.exit(0));
  await untilOver(manager, await manager.begin([vm]));
  await waitUntil('one is there', () => files().some((name) => name.endsWith('.ok.log')));
  const folder = join(root, readdirSync(root)[0] ?? '');
  for (const name of ['notes.txt', '2001-01-01T00-00-00-old-00000000.ok.log']) {
    writeFileSync(join(folder, name), '');
  }
  for (let count = 0; count < 3; count += 1) {
    await untilOver(manager, await manager.begin([vm]));
  }
  await waitUntil('the old one is gone', () => files().length === 4);
  expect(files().at(-1)).toBe('notes.txt');
  expect(files().some((name) => name.startsWith('2001'))).toBe(false);
});

test('a manager that was stopped in the middle is followed by one that ends the file', async () => {
  const id = await manager.begin([vm]);
  await waitUntil('it runs', () => agent.streams() === 1);
  agent.begun[0]?.output('before\n');
  await waitUntil('the line is there', () =>
    files().some((name) => textOf(name).includes('before')),
  );
  await manager.stop();
  agent.begun[0]?.output('after\n');
  agent.begun[0]?.exit(4);
  manager = start();
  await manager.runs.load();
  await untilOver(manager, id);
  await waitUntil('it has ended', () => files()[0]?.endsWith('.failed.log') === true);
  expect(files()).toHaveLength(1);
  expect(textOf(files()[0] ?? '')).toMatch(/before\n\[.*\] after\n\n# Completed/u);
});
