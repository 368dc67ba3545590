/**
 * A manager that is killed while it writes, its Postgres that is, and both: what it has stored is
 * whole, and goes on.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { findLeftOver } from '../../apps/manager/src/local-agent/left-over.ts';
import { BUNDLE } from '../support/agent-process.ts';
import {
  makeDataDir,
  postmasterPid,
  processesOf,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { askReady, listVms, untilReading, vmNamed } from '../support/manager-questions.ts';
import {
  longestGapMs,
  makeFleet,
  newestOf,
  ownDatabase,
  raggedMs,
  readSamples,
  untilStored,
  type TestFleet,
} from '../support/manager-samples.ts';
import { openSocket } from '../support/manager-socket.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const VMS = 20;
const ALL = VMS + 1;
const FLUSH_MS = 5_000;
/** Two turns of a second, and what a busy machine adds. */
const TURNS_MS = 8_000;

let dataDir = '';
let manager: ManagerProcess;
let fleet: TestFleet;

const start = async (): Promise<ManagerProcess> =>
  startManager({ dataDir, args: ['--local-agent', BUNDLE.path] });

beforeAll(async () => {
  dataDir = makeDataDir();
  manager = await start();
  fleet = await makeFleet(manager, VMS);
});
afterAll(async () => {
  await manager.stop();
  await fleet.agent.kill();
  expect(processesOf(dataDir)).toStrictEqual([]);
  removeDataDir(dataDir);
});

const agentPids = (): readonly number[] => findLeftOver(`${dataDir}/local-agent.json`);

test('killed: the next start ends the agent and the Postgres that were left, and goes on', async () => {
  await untilStored(await ownDatabase(dataDir), ALL, 4);
  const leftOver = [...agentPids(), postmasterPid(dataDir)];
  const killedAt = Date.now();
  await manager.kill();
  expect(agentPids()).toHaveLength(1);
  // Whoever starts it again does so at once.
  manager = await start();
  const readyAt = Date.now();
  expect(agentPids()).toHaveLength(1);
  for (const pid of leftOver) expect([...agentPids(), postmasterPid(dataDir)]).not.toContain(pid);

  const address = await ownDatabase(dataDir);
  const atOnce = await readSamples(address);
  expect(killedAt - newestOf(atOnce)).toBeLessThan(FLUSH_MS + TURNS_MS);
  expect(raggedMs(atOnce, killedAt)).toBeLessThan(TURNS_MS);
  expect(await listVms(manager, '?limit=200')).toHaveLength(ALL);
  const before = Math.max(...[...atOnce.values()].map((at) => at.length));
  const after = await untilStored(address, ALL, before + 3);
  expect(longestGapMs(after)).toBeLessThan(readyAt - killedAt + FLUSH_MS + TURNS_MS);
  const machine = await vmNamed(manager, 'this-machine');
  await untilReading(
    manager,
    machine.id,
    'its own agent answers',
    ({ origin }) => origin === 'guest',
  );
});

test('its Postgres is killed: it comes back by itself, and nothing is lost', async () => {
  const socket = await openSocket(manager);
  onTestFinished(() => socket.close());
  const [vmId = ''] = fleet.vmIds;
  await socket.emit('vm:subscribe', { vm_id: vmId });
  const pid = postmasterPid(dataDir) ?? 0;
  process.kill(pid, 'SIGKILL');
  await socket.until('readings go on', ({ origin }) => origin === 'guest');
  await waitUntil('it is back', () => manager.hasLogged('Postgres is running again'), 30_000);
  expect(postmasterPid(dataDir)).not.toBe(pid);
  expect(manager.hasLogged('Postgres ended unexpectedly')).toBe(true);

  const address = await ownDatabase(dataDir);
  const before = await readSamples(address);
  const most = Math.max(...[...before.values()].map((at) => at.length));
  await untilStored(address, ALL, most + 3);
  // Since the first test there was one gap, before this manager was started.
  const since = Math.min(...[...before.values()].map((at) => at.at(-3) ?? 0));
  const after = await readSamples(address);
  const recent = new Map([...after].map(([key, at]) => [key, at.filter((one) => one >= since)]));
  expect(longestGapMs(recent)).toBeLessThan(TURNS_MS);
  expect((await askReady(manager)).status).toBe(200);
});

test('both are killed: the next start has all but the last moments', async () => {
  const pid = postmasterPid(dataDir) ?? 0;
  await untilStored(await ownDatabase(dataDir), ALL, 4);
  const killedAt = Date.now();
  // First of all the one that would start the other anew.
  manager.signal('SIGSTOP');
  process.kill(pid, 'SIGKILL');
  await manager.kill();
  manager = await start();
  const samples = await readSamples(await ownDatabase(dataDir));
  expect(killedAt - newestOf(samples)).toBeLessThan(FLUSH_MS + TURNS_MS);
  expect(raggedMs(samples, killedAt)).toBeLessThan(TURNS_MS);
  expect((await askReady(manager)).status).toBe(200);
  // The first token is still the one in the file.
  expect(readFileSync(`${dataDir}/admin-token`, 'utf8').trim()).toBe(manager.adminToken);
  expect((await manager.ask('/v1/session')).status).toBe(200);
});
