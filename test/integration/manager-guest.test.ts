/** The first steps of a user: a VM, its address by the curl of the guide, and its readings. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Reading } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { createVm, readingOf, untilReading } from '../support/manager-questions.ts';
import { openSocket, type ManagerSocket } from '../support/manager-socket.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort } from '../support/service-process.ts';

const run = promisify(execFile);
const AGENT = bundleOn(process.execPath);
/** From the end of an agent to the reading that says so: three seconds, and one for the machine. */
const TURN_MS = 4_000;

let testDatabase: TestDatabase;
let manager: ManagerProcess;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  manager = await startManager({ databaseUrl: testDatabase.url });
});
afterAll(async () => {
  await manager.stop();
  await testDatabase.drop();
});

const startGuest = async (listen: string): Promise<AgentProcess> => {
  const agent = await startAgent({ build: AGENT, args: ['--listen', listen] });
  onTestFinished(async () => void (await agent.kill()));
  return agent;
};

const subscribe = async (vmId: string): Promise<ManagerSocket> => {
  const socket = await openSocket(manager);
  onTestFinished(() => socket.close());
  expect(await socket.emit('vm:subscribe', { vm_id: vmId })).toStrictEqual({ ok: true });
  return socket;
};

/** Every value that nobody has measured is null, and the reason is told. */
const expectNothingKnown = (reading: Reading, reason: string): void => {
  const { origin, state, cores, networks, disks, filesystems, top, host } = reading;
  expect({ origin, state, cores, networks, disks, filesystems, top, host }).toStrictEqual({
    origin: 'none',
    state: 'stale',
    cores: null,
    networks: null,
    disks: null,
    filesystems: null,
    top: null,
    host: null,
  });
  expect(reading.reason).toBe(reason);
  expect(reading.message).toBeTruthy();
  const parts = { cpu: reason, memory: reason, network: reason, disk: reason };
  expect(reading.reasons).toStrictEqual(parts);
  // How long the question took is known.
  const { pull_seconds: _known, ...unknown } = reading;
  const figures = Object.entries(unknown).filter(
    ([name, value]) =>
      typeof value === 'number' && /_(?:percent|bytes|second|seconds|count)$|^load/u.test(name),
  );
  expect(figures.map(([name]) => name)).toStrictEqual([]);
};

describe('a VM whose address was registered by the curl of the guide', () => {
  test('has readings of its guest, over REST and socket.io', async () => {
    const port = await freePort();
    const agent = await startGuest(`127.0.0.21:${port}`);
    const vm = await createVm(manager, { name: 'first', agent_port: port });
    expect(vm.latest).toMatchObject({ state: 'unknown', origin: 'none' });
    const before = await untilReading(
      manager,
      vm.id,
      'it is said why there is nothing',
      (one) => one.reason === 'no_guest_ip',
    );
    expect(before.message).toBeTruthy();

    // Split where a shell does.
    const flags = '--silent --show-error -X POST'.split(' ');
    const { stdout } = await run(
      'curl',
      flags.concat(
        `${manager.url}/v1/vms/${vm.id}/guest-ip`,
        ['-H', 'Content-Type: application/json'],
        ['-H', `Authorization: Bearer ${manager.adminToken}`],
        ['-d', '{"guest_ip": "127.0.0.21"}'],
      ),
    );
    expect(JSON.parse(stdout)).toStrictEqual({ vm_id: vm.id, guest_ip: '127.0.0.21' });

    const reading = await untilReading(
      manager,
      vm.id,
      'the guest says how busy it is',
      (one) => one.origin === 'guest' && one.cpu_usage_percent !== null,
    );
    expect(reading).toMatchObject({
      state: 'up',
      reason: null,
      message: null,
      identity: 'unverified',
      reasons: { cpu: null, memory: null, network: null },
      origins: { cpu: 'guest', memory: 'guest', network: 'guest' },
    });
    expect(reading.memory_usage_percent).toBeGreaterThan(0);
    expect(reading.cores?.length).toBe(reading.cpu_count);

    const socket = await subscribe(vm.id);
    const pushed = await socket.until('a reading comes by itself', (one) => one.origin === 'guest');
    expect(pushed.vm_id).toBe(vm.id);
    await agent.stop();
  }, 30_000);

  test('says within seconds why there are no values, and has them again afterwards', async () => {
    const port = await freePort();
    const listen = `127.0.0.22:${port}`;
    const first = await startGuest(listen);
    const vm = await createVm(manager, {
      name: 'killed',
      guest_ip: '127.0.0.22',
      agent_port: port,
    });
    await untilReading(manager, vm.id, 'the guest answers', ({ origin }) => origin === 'guest');
    const socket = await subscribe(vm.id);
    await socket.until('readings are pushed', ({ origin }) => origin === 'guest');

    const killedAt = Date.now();
    await first.kill();
    const gone = await socket.until('it is stale', ({ origin }) => origin !== 'guest');
    expect(gone.taken_at - killedAt).toBeLessThan(TURN_MS);
    expectNothingKnown(gone, 'unreachable');
    expect(gone.agent_seen_at).toBeLessThanOrEqual(killedAt + 1);
    expectNothingKnown(await readingOf(manager, vm.id), 'unreachable');

    await startGuest(listen);
    const back = await socket.until('it is back', ({ origin }) => origin === 'guest', 20_000);
    expect(back).toMatchObject({ state: 'up', reason: null, message: null });
  }, 45_000);

  test('whose agent hangs has the reason timeout', async () => {
    const port = await freePort();
    const agent = await startGuest(`127.0.0.23:${port}`);
    const vm = await createVm(manager, {
      name: 'stopped',
      guest_ip: '127.0.0.23',
      agent_port: port,
    });
    await untilReading(manager, vm.id, 'the guest answers', ({ origin }) => origin === 'guest');
    const socket = await subscribe(vm.id);
    await socket.until('readings are pushed', ({ origin }) => origin === 'guest');
    const stoppedAt = Date.now();
    agent.signal('SIGSTOP');
    const hung = await socket.until('it is stale', ({ origin }) => origin !== 'guest');
    expect(hung.taken_at - stoppedAt).toBeLessThan(TURN_MS);
    expectNothingKnown(hung, 'timeout');
    agent.signal('SIGCONT');
    await socket.until('it is back', ({ origin }) => origin === 'guest', 20_000);
  }, 45_000);
});
