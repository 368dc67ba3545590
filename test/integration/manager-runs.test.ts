/** Commands through the built manager in the built agent: output, stops, sockets, and managers that are killed. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  runCreatedSchema,
  runEventsSchema,
  runGroupsSchema,
  runSchema,
  type Run,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import {
  makeDataDir,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { createToken, createVm, expectStatus } from '../support/manager-questions.ts';
import { openSocket } from '../support/manager-socket.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';
import { z } from 'zod';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let testDatabase: TestDatabase;
let manager: ManagerProcess;
let agent: AgentProcess;
let logDir = '';
let dataDir = '';
let vmId = '';
const GUEST = '127.0.0.51';

const start = async (): Promise<ManagerProcess> =>
  startManager({ databaseUrl: testDatabase.url, dataDir, args: ['--log-dir', logDir] });

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataDir = makeDataDir();
  logDir = mkdtempSync(join(tmpdir(), 'runs-logs-'));
  manager = await start();
  const keysSchema = z.looseObject({ public_keys: z.array(z.string()) });
  const { public_keys: keys } = keysSchema.parse((await manager.ask('/v1/manager')).json());
  vmId = (await createVm(manager, { name: 'guest', labels: { env: 'test' } })).id;
  agent = await startAgent({
    build: bundleOn(process.execPath),
    args: ['--listen', `${GUEST}:0`],
    config: { vm_id: vmId, manager_keys: keys },
  });
  const json = { agent_port: agent.port };
  await manager.ask(`/v1/vms/${vmId}`, { method: 'PATCH', json });
  const place = { guest_ip: GUEST };
  const set = await manager.ask(`/v1/vms/${vmId}/guest-ip`, { method: 'POST', json: place });
  expectStatus(set, 200);
});
afterAll(async () => {
  await manager.stop();
  await agent.stop();
  await testDatabase.drop();
  rmSync(logDir, { recursive: true });
  removeDataDir(dataDir);
});

const begin = async (json: Readonly<Record<string, unknown>>): Promise<string> => {
  const reply = await manager.ask(`/v1/vms/${vmId}/exec`, { method: 'POST', json });
  return runCreatedSchema.parse(expectStatus(reply, 202).json()).run_id;
};
const read = async (id: string): Promise<Run> =>
  runSchema.parse(expectStatus(await manager.ask(`/v1/runs/${id}`), 200).json());
const ended = async (id: string): Promise<Run> => {
  let run = await read(id);
  await waitUntil(
    'the run ends',
    async () => {
      run = await read(id);
      return run.ended_at !== null;
    },
    30_000,
  );
  return run;
};
const logOf = async (run: Run, format = 'txt'): Promise<string> => {
  const path = `/v1/runs/${run.id}/executions/${run.executions[0]?.id}/log?format=${format}`;
  return expectStatus(await manager.ask(path), 200).text;
};
const filesOf = (): string[] => {
  const folder = join(logDir, 'guest');
  return existsSync(folder) ? readdirSync(folder) : [];
};

test('a command runs, and its log has a header, timed lines and a footer', async () => {
  const run = await ended(
    await begin({ script: 'echo one; echo two >&2; exit 3', name: 'two lines' }),
  );
  expect(run).toMatchObject({
    state: 'finished',
    name: 'two lines',
    counts: { total: 1, failed: 1 },
    executions: [{ state: 'exited', exit_code: 3, vm_name: 'guest', output_bytes: 8 }],
  });
  const text = await logOf(run);
  expect(text).toMatch(
    /^# Command: two lines\n# Started: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n# Host: guest\n\n/u,
  );
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\] one$/mu);
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\]! two$/mu);
  expect(text).toMatch(/\n\n# Completed: \S+Z\n# Exit code: 3\n$/u);
  const objects = (await logOf(run, 'json')).trim().split('\n');
  expect(objects).toHaveLength(4);
  await waitUntil('the file is there', () =>
    filesOf().some((name) => name.endsWith('.failed.log')),
  );
  const name = filesOf().find((one) => one.includes('two-lines')) ?? '';
  expect(readFileSync(join(logDir, 'guest', name), 'utf8')).toBe(text);
});

test('a manager that is killed in the middle finds the command again, with all of its output', async () => {
  const script = 'for i in $(seq 1 60); do echo "line $i"; sleep 0.1; done; exit 7';
  const id = await begin({ script, name: 'long' });
  await waitUntil('it prints', async () => (await logOf(await read(id))).includes('line 5\n'));
  await manager.kill();
  await new Promise((resolve) => {
    setTimeout(resolve, 1_000);
  });
  manager = await start();
  const run = await ended(id);
  expect(run.executions[0]).toMatchObject({ state: 'exited', exit_code: 7 });
  const lines = [...(await logOf(run)).matchAll(/^\[[\d:]+\] (?<line>.*)$/gmu)];
  expect(lines.map(({ groups }) => groups?.['line'])).toStrictEqual(
    Array.from({ length: 60 }, (_, index) => `line ${index + 1}`),
  );
  await waitUntil('the file ends', () =>
    filesOf().some((name) => /-long-[0-9a-f]{8}\.failed\.log$/u.test(name)),
  );
});

test('a command that is stopped ends with all of its processes', async () => {
  const id = await begin({ script: 'echo $$; sleep 300 & sleep 300', timeout_seconds: 400 });
  await waitUntil('it prints', async () => /\] \d+\n/u.test(await logOf(await read(id))));
  expectStatus(await manager.ask(`/v1/runs/${id}`, { method: 'DELETE' }), 202);
  const run = await ended(id);
  expect(run).toMatchObject({ state: 'stopped', reason: 'requested' });
  expect(run.executions[0]).toMatchObject({ state: 'exited', signal: 'SIGTERM' });
});

test('a socket gets history and what comes, without hole or repeat', async () => {
  const id = await begin({ script: 'for i in $(seq 1 30); do echo "n $i"; sleep 0.05; done' });
  await waitUntil('it prints', async () => (await logOf(await read(id))).includes('n 3\n'));
  const socket = await openSocket(manager);
  expect(await socket.emit('run:subscribe', { run_id: id })).toStrictEqual({ ok: true });
  const events = () =>
    socket.others
      .filter(({ name }) => name === 'run:events')
      .flatMap(({ payload }) => runEventsSchema.parse(payload).events);
  await waitUntil('the end comes', () => events().some(({ kind }) => kind === 'run'), 20_000);
  const seqs = events().map(({ seq }) => seq);
  expect(seqs).toStrictEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
  const text = events().map((event) => (event.kind === 'output' ? event.text : ''));
  const expected = Array.from({ length: 30 }, (_, index) => `n ${index + 1}\n`);
  expect(text.join('')).toBe(expected.join(''));
  socket.close();
});

test('a viewer sees that something was run, and not what, nor its output', async () => {
  const run = await ended(await begin({ argv: ['echo', 'secret'], env: { TOKEN: 'hidden' } }));
  const token = await createToken(manager, { role: 'viewer', scope: null });
  const seen = runSchema.parse((await manager.ask(`/v1/runs/${run.id}`, { token })).json());
  expect(seen.what).toBeNull();
  expect(seen.executions[0]).toMatchObject({ exit_code: 0 });
  const path = `/v1/runs/${run.id}/executions/${run.executions[0]?.id}/log`;
  expectStatus(await manager.ask(path, { token }), 403);
  expectStatus(await manager.ask(`/v1/runs/${run.id}/groups`, { token }), 403);
  const socket = await openSocket(manager, { token });
  expect(await socket.emit('run:subscribe', { run_id: run.id })).toStrictEqual({ ok: true });
  await waitUntil('events come', () => socket.others.length > 0);
  expect(JSON.stringify(socket.others)).not.toContain('"output"');
  socket.close();
  // Whoever may read output still is not told the values of the environment.
  expect(run.what).toMatchObject({ argv: ['echo', 'secret'], env_names: ['TOKEN'] });
  expect(JSON.stringify(run)).not.toContain('hidden');
});

test('what was run, where, by whom and how it ended is in the audit', async () => {
  const run = await ended(await begin({ argv: ['true'], name: 'audited' }));
  const audit = await manager.ask(`/v1/audit?target_kind=run&target_id=${run.id}`);
  const entries = z
    .looseObject({ items: z.array(z.looseObject({ action: z.string(), detail: z.unknown() })) })
    .parse(audit.json()).items;
  expect(entries.map(({ action }) => action)).toStrictEqual(['run.end', 'run.create']);
  expect(entries[1]).toMatchObject({
    remote_address: '127.0.0.1',
    detail: { command: '["true"]', vms: [{ id: vmId, name: 'guest' }] },
  });
  expect(entries[0]?.detail).toMatchObject({ state: 'finished', succeeded: 1 });
});

test('a saved command runs with parameters that no shell takes for code', async () => {
  const json = {
    name: 'greet',
    script: 'echo hello {{who}}; echo "and {{who}}"',
    parameters: [{ name: 'who', default: 'world' }],
  };
  const saved = await manager.ask('/v1/commands', { method: 'POST', json });
  const { id } = z.looseObject({ id: z.uuid() }).parse(expectStatus(saved, 201).json());
  const who = '$(touch /tmp/x) "; exit 9; \' `id`';
  const run = await ended(await begin({ command_id: id, parameters: { who } }));
  expect(run).toMatchObject({ name: 'greet', command_id: id });
  expect(run.executions[0]).toMatchObject({ exit_code: 0 });
  const text = await logOf(run);
  expect(text).toContain(`hello ${who}\n`);
  expect(text).toContain(`and ${who}\n`);
  expectStatus(
    await manager.ask(`/v1/vms/${vmId}/exec`, {
      method: 'POST',
      json: { command_id: id, parameters: { nobody: 'x' } },
    }),
    422,
  );
});

test('the groups of a run say what is the same and how the rest differs', async () => {
  const id = await begin({ script: 'date; echo done' });
  await ended(id);
  const groups = runGroupsSchema.parse((await manager.ask(`/v1/runs/${id}/groups`)).json());
  expect(groups).toMatchObject({ identical: 1, differing: 0, unfinished: 0, more_groups: 0 });
  expect(groups.groups[0]).toMatchObject({ count: 1, diff: null });
  expect(groups.groups[0]?.sample).toContain('done');
});
