/** A command on the manager's own machine, while the manager is killed: its agent and the command go on. */
import { runCreatedSchema, runSchema, type Run } from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { findFreePort } from '../../apps/manager/src/local-agent/free-port.ts';
import { BUNDLE } from '../support/agent-process.ts';
import {
  makeDataDir,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { expectStatus, vmNamed } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let testDatabase: TestDatabase;
let manager: ManagerProcess;
let dataDir = '';
let port = 0;

const start = async (): Promise<ManagerProcess> =>
  startManager({
    databaseUrl: testDatabase.url,
    dataDir,
    args: ['--listen', `127.0.0.1:${port}`, '--local-agent', BUNDLE.path],
  });

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataDir = makeDataDir();
  port = await findFreePort();
  manager = await start();
});
afterAll(async () => {
  await manager.stop();
  await testDatabase.drop();
  removeDataDir(dataDir);
});

const read = async (id: string): Promise<Run> =>
  runSchema.parse(expectStatus(await manager.ask(`/v1/runs/${id}`), 200).json());
const logOf = async (run: Run): Promise<string> =>
  (await manager.ask(`/v1/runs/${run.id}/executions/${run.executions[0]?.id}/log`)).text;

test('what it printed while nobody looked is there afterwards', async () => {
  const thisMachine = async () => vmNamed(manager, 'this-machine');
  await waitUntil('its agent answers', async () => (await thisMachine()).latest.state === 'up');
  const { id: vmId } = await thisMachine();
  const json = { script: 'for i in $(seq 1 40); do echo "line $i"; sleep 0.1; done' };
  const begun = await manager.ask(`/v1/vms/${vmId}/exec`, { method: 'POST', json });
  const { run_id: id } = runCreatedSchema.parse(expectStatus(begun, 202).json());
  await waitUntil('it prints', async () => (await logOf(await read(id))).includes('line 3\n'));
  await manager.kill();
  manager = await start();
  await waitUntil('it ends', async () => (await read(id)).ended_at !== null, 30_000);
  const run = await read(id);
  expect(run.executions[0]).toMatchObject({ state: 'exited', exit_code: 0 });
  const lines = [...(await logOf(run)).matchAll(/^\[[\d:]+\] (?<line>.*)$/gmu)];
  expect(lines.map(({ groups }) => groups?.['line'])).toStrictEqual(
    Array.from({ length: 40 }, (_, index) => `line ${index + 1}`),
  );
});
