import type { Reading } from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeReading, makeVm } from '../../../../test/support/registry-fixtures.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { startFakeExecAgent, type FakeExecAgent } from '../runs/testing/fake-exec-agent.ts';
import { BY_OPERATOR, startRuns, type ManagerOfRuns } from '../runs/testing/run-harness.ts';
import type { VmChange, VmRecord } from '../vms/vm-record.ts';
import { makeProvisioning, type ProvisioningParts } from './provisioning.ts';
import { insertScript } from './sql/insert-script.ts';
import type { RoundRow } from './sql/round-row.ts';

const WISH = { scriptIds: undefined, again: false };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let testDatabase: TestDatabase;
let agent: FakeExecAgent;
let runs: ManagerOfRuns;
let provisioning: ProvisioningParts;
let vm: VmRecord;
let said: (vm: VmRecord, reading: Reading) => void = () => {};
let changed: (change: VmChange) => void = () => {};
let guest: 'answers' | 'is silent' = 'answers';
let scripts = 0;

const startManager = async (): Promise<void> => {
  const vms = { get: (id: string) => (id === vm.id ? vm : undefined) };
  runs = startRuns(testDatabase.database, vms);
  provisioning = makeProvisioning({
    database: testDatabase.database,
    vms: {
      ...vms,
      onChange: (listener) => {
        changed = listener;
        return () => {};
      },
    },
    readings: {
      onReading: (listener) => {
        said = listener;
        return () => {};
      },
    },
    runs: runs.runs,
    writer: runs.writer,
    listGuestScripts: async () =>
      guest === 'answers' ? { ok: true, scripts: [] } : { ok: false, message: 'no answer' },
    limits: { atOnce: 2, retryMs: 5, maxRetryMs: 20 },
    clock: { monotonicMs: () => performance.now() },
    log: silent,
  });
  await runs.runs.load();
  await provisioning.start();
};
const stopManager = async (): Promise<void> => {
  await provisioning.stop();
  await runs.stop();
};

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(async () => testDatabase.drop());
beforeEach(async () => {
  agent = await startFakeExecAgent();
  guest = 'answers';
  const text = `INSERT INTO vm (name) VALUES ('vm ' || gen_random_uuid()) RETURNING id`;
  const { rows } = await testDatabase.database.query({ text });
  const [row] = rows;
  const id = typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : '';
  vm = { ...makeVm(1, { guestIp: agent.host, agentPort: agent.port, enrolledAt: 1 }), id };
  await startManager();
});
afterEach(async () => {
  await stopManager();
  await agent.stop();
});

const add = async (name: string, more: { readonly when?: 'every_boot' } = {}): Promise<string> => {
  scripts += 1;
  const script = await insertScript(testDatabase.database, {
    name: `${name} ${scripts}`,
    description: '',
    order: scripts,
    when: 'first_boot',
    script: `echo ${name}`,
    interpreter: null,
    user: null,
    timeout_seconds: 10,
    progress_patterns: [],
    vm_id: vm.id,
    selector: null,
    enabled: true,
    ...more,
  });
  if (script === undefined) throw new Error('not added');
  return script.id;
};
const boot = (bootId: string, more: Partial<Reading> = {}): void =>
  said(vm, {
    ...makeReading(vm.id),
    boot_id: bootId,
    identity: 'verified',
    reason: null,
    ...more,
  });
const newest = async (): Promise<RoundRow | undefined> => provisioning.newest(vm.id);
const untilState = async (state: RoundRow['state'], bootId?: string): Promise<RoundRow> => {
  let round: RoundRow | undefined;
  await waitUntil(`the round is ${state}`, async () => {
    round = await newest();
    return round?.state === state && (bootId === undefined || round.boot_id === bootId);
  });
  if (round === undefined) throw new Error('no round');
  return round;
};
const sent = (): readonly unknown[] =>
  agent.begun.map(({ request }) => ('script' in request ? request.script : request.argv));

test('only an agent that has proved who it is is told to run anything', async () => {
  await add('one');
  boot('a', { identity: 'unverified' });
  boot('a', { reason: 'timeout' });
  boot('a', { identity: null });
  expect(await newest()).toBeUndefined();
  agent.onBegin((command) => command.exit(0));
  boot('a');
  await untilState('finished', 'a');
  expect(agent.begun).toHaveLength(1);
  expect(agent.begun[0]?.request).toMatchObject({ once: { again: false } });
});

test('one step after the other, and none behind one that has failed', async () => {
  for (const name of ['one', 'two', 'three']) await add(name);
  agent.onBegin((command) => {
    command.output(`line of ${sent().length}\n`);
    command.exit(sent().length === 2 ? 5 : 0);
  });
  boot('a');
  const round = await untilState('failed');
  expect(sent()).toEqual(['echo one', 'echo two']);
  expect(round.steps.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'waiting']);
  expect(round.steps[1]).toMatchObject({ exit_code: 5, last_lines: 'line of 2' });
  expect(await provisioning.controls.retry(BY_OPERATOR, vm)).toMatchObject({ ok: true });
  await untilState('finished');
  expect(sent()).toEqual(['echo one', 'echo two', 'echo two', 'echo three']);
  expect(agent.begun[2]?.request).toMatchObject({ once: { again: true } });
});

test('a manager that ends in the middle of a step is followed by one that goes on', async () => {
  await add('one');
  await add('two');
  boot('a');
  await waitUntil('it has begun', () => agent.begun.length === 1);
  await stopManager();
  agent.begun[0]?.exit(0);
  agent.onBegin((command) => command.exit(0));
  await startManager();
  await untilState('finished');
  expect(sent()).toEqual(['echo one', 'echo two']);
  boot('a');
  expect(await provisioning.controls.run(BY_OPERATOR, vm, WISH)).toMatchObject({
    problem: { code: 'nothing_to_run' },
  });
});

test('a boot in the middle of a round ends it, and begins another', async () => {
  await add('one');
  const each = await add('each', { when: 'every_boot' });
  boot('a');
  await waitUntil('it has begun', () => agent.begun.length === 1);
  const { id } = await untilState('running');
  agent.restart();
  boot('b');
  await waitUntil('the first is superseded or has failed', async () => (await newest())?.id !== id);
  await waitUntil('the other begins', () => agent.begun.length === 2);
  agent.begun[1]?.exit(0);
  await waitUntil('the next step begins', () => agent.begun.length === 3);
  agent.begun[2]?.exit(0);
  const round = await untilState('finished', 'b');
  expect(round.steps.map(({ script_key: key }) => key)).toContain(each);
});

test('an agent that does not say what it has is asked again, and nothing is left out', async () => {
  await add('one');
  agent.onBegin((command) => command.exit(0));
  guest = 'is silent';
  boot('a');
  expect(await provisioning.controls.run(BY_OPERATOR, vm, WISH)).toMatchObject({
    problem: { code: 'provisioning_under_way' },
  });
  guest = 'answers';
  await untilState('finished');
});

test('a script that is gone is left out, and one that is asked for must be there', async () => {
  const one = await add('one');
  await add('two');
  agent.onBegin((command) => command.exit(sent().length === 1 ? 1 : 0));
  boot('a');
  await untilState('failed');
  await testDatabase.database.query({
    text: 'DELETE FROM provisioning_script WHERE id = $1::uuid',
    values: [one],
  });
  await provisioning.controls.retry(BY_OPERATOR, vm);
  const round = await untilState('finished');
  expect(round.steps[0]).toMatchObject({ state: 'skipped', problem_code: 'script_deleted' });
  const wish = { scriptIds: new Set([one]), again: false };
  expect(await provisioning.controls.run(BY_OPERATOR, vm, wish)).toMatchObject({
    problem: { code: 'script_not_found' },
  });
});

test('a VM that is deleted takes its provisioning along', async () => {
  await add('one');
  boot('a');
  await waitUntil('it has begun', () => agent.begun.length === 1);
  const { id } = vm;
  await testDatabase.database.query({ text: 'DELETE FROM vm WHERE id = $1::uuid', values: [id] });
  changed({ kind: 'removed', vm });
  agent.begun[0]?.exit(0);
  expect(await newest()).toBeUndefined();
  expect(await provisioning.controls.run(BY_OPERATOR, vm, WISH)).toMatchObject({
    problem: { code: 'agent_not_seen' },
  });
});
