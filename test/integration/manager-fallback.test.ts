/**
 * What becomes of a VM whose guest falls silent: a real QEMU on a tap, seen by the agent of this
 * machine, and an agent in the place of its guest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundVmmSchema, pageOf, vmSchema, type FoundVmm } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { TestContext } from 'vitest';
import { findLeftOver } from '../../apps/manager/src/local-agent/left-over.ts';
import { BUNDLE, bundleOn, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import {
  createVm,
  expectStatus,
  listHosts,
  untilReading,
  vmNamed,
} from '../support/manager-questions.ts';
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts';
import { orSkip } from '../support/obtained.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { obtainQemu, startQemu, type Qemu } from '../support/qemu.ts';
import { freePort } from '../support/service-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const AGENT = bundleOn(process.execPath);
const UUID = '6f0f1b52-0c39-4d6e-92c4-6b1f5a0e9d0';
const MIB = 1024 * 1024;

let testDatabase: TestDatabase;
let manager: ManagerProcess;
let hostId = '';
let network: NetworkNamespace | undefined;
let whyNoNetwork = '';
const folder = mkdtempSync(join(tmpdir(), 'fallback-'));

beforeAll(async () => {
  const made = await makeNetworkNamespace();
  if (made.ok) network = made.namespace;
  else whyNoNetwork = made.reason;
  testDatabase = await createTestDatabase();
  const args = ['--local-agent', BUNDLE.path];
  manager = await startManager({ databaseUrl: testDatabase.url, args });
  hostId = (await listHosts(manager)).find((host) => host.is_local)?.id ?? '';
}, 60_000);
afterAll(async () => {
  await manager.stop();
  await testDatabase.drop();
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** With two vCPUs and 64 MiB, asking for an address over its tap from the beginning. */
const useQemu = async (context: TestContext, name: string, digit: number): Promise<Qemu> => {
  const { path } = orSkip(context, 'QEMU', await obtainQemu());
  if (network === undefined) return context.skip(whyNoNetwork);
  const { launcher } = network;
  network.addTap(`${name}0`);
  const uuid = `${UUID}${digit}`;
  const options = { path, folder, name, uuid, pace: 'busy', launcher } as const;
  const qemu = await startQemu({ ...options, tap: `${name}0` });
  onTestFinished(async () => qemu.kill());
  return qemu;
};

const startGuest = async (listen: string): Promise<AgentProcess> => {
  const agent = await startAgent({ build: AGENT, args: ['--listen', listen] });
  onTestFinished(async () => void (await agent.kill()));
  return agent;
};

const findVmm = async (pid: number): Promise<FoundVmm | undefined> => {
  const reply = expectStatus(await manager.ask('/v1/found'), 200);
  return pageOf(foundVmmSchema)
    .parse(reply.json())
    .items.find((one) => one.pid === pid);
};

describe('a VM whose host is this machine', () => {
  test('is shown by its guest, then by its host, then by its guest, and then down', async (context) => {
    const qemu = await useQemu(context, 'fall', 1);
    const port = await freePort();
    const listen = `127.0.0.31:${port}`;
    const first = await startGuest(listen);
    const vm = await createVm(manager, {
      name: 'fall',
      guest_ip: '127.0.0.31',
      agent_port: port,
      host_id: hostId,
      vmm: { kind: 'qemu', pid: qemu.pid },
    });

    const beside = await untilReading(
      manager,
      vm.id,
      'the guest is the origin, and the host is seen beside it',
      ({ origin, host }) =>
        origin === 'guest' &&
        (host?.cpu_usage_percent ?? 0) > 0 &&
        (host?.network_tx_bytes_per_second ?? 0) > 0,
      20_000,
    );
    expect(beside).toMatchObject({
      state: 'up',
      host: {
        host_id: hostId,
        pid: qemu.pid,
        kind: 'qemu',
        vmm_state: 'running',
        vcpu_count: 2,
        memory_configured_bytes: 64 * MIB,
        origins: { cpu: 'vmm', network: 'tap' },
      },
    });

    await first.kill();
    const fallen = await untilReading(
      manager,
      vm.id,
      'the host is the origin',
      ({ origin }) => origin === 'host',
    );
    expect(fallen).toMatchObject({
      state: 'degraded',
      reason: 'unreachable',
      origins: { cpu: 'vmm', memory: 'vmm', network: 'tap' },
      reasons: { cpu: null, memory: null, network: null },
      cpu_count: 2,
      memory_total_bytes: 64 * MIB,
      // Of these nobody but the guest knows.
      load1: null,
      process_count: null,
      cores: null,
      filesystem_usage_percent: null,
    });
    expect(fallen.cpu_usage_percent).toBeGreaterThan(0);
    expect(fallen.network_rx_bytes_per_second).not.toBeNull();
    expect(fallen.network_tx_bytes_per_second).not.toBeNull();
    // Without its QMP socket nobody knows, and zero would be a lie.
    if (fallen.origins.disk === null) {
      expect(fallen.reasons.disk).not.toBeNull();
      expect(fallen.disk_read_bytes_per_second).toBeNull();
    }

    const second = await startGuest(listen);
    await untilReading(
      manager,
      vm.id,
      'the guest is back',
      ({ origin }) => origin === 'guest',
      20_000,
    );

    await Promise.all([second.kill(), qemu.kill()]);
    const down = await untilReading(manager, vm.id, 'it is down', ({ state }) => state === 'down');
    expect(down).toMatchObject({
      origin: 'none',
      cpu_usage_percent: null,
      memory_used_bytes: null,
      network_rx_bytes_per_second: null,
    });
  }, 90_000);

  test('is found there, and adopted with one call', async (context) => {
    const qemu = await useQemu(context, 'find', 2);
    // A process that is just beginning is found before it has vCPUs.
    const isWhole = async () => (await findVmm(qemu.pid))?.vcpu_count === 2;
    await waitUntil('it is found', isWhole, 15_000);
    const found = await findVmm(qemu.pid);
    expect(found).toMatchObject({
      host_id: hostId,
      kind: 'qemu',
      uuid: qemu.uuid,
      name: 'find',
      vcpu_count: 2,
      taps: ['find0'],
    });
    const path = `/v1/hosts/${hostId}/found/${found?.id}/adopt`;
    const adopted = expectStatus(await manager.ask(path, { method: 'POST', json: {} }), 201);
    const vm = vmSchema.parse(adopted.json());
    expect(vm).toMatchObject({ name: 'find', vmm: { uuid: qemu.uuid, taps: ['find0'] } });
    expect(await findVmm(qemu.pid)).toBeUndefined();
    const reading = await untilReading(
      manager,
      vm.id,
      'its host tells how busy it is',
      ({ cpu_usage_percent: cpu }) => (cpu ?? 0) > 0,
    );
    expect(reading).toMatchObject({ state: 'degraded', origin: 'host', reason: 'no_guest_ip' });
    expect(reading.origins).toMatchObject({ cpu: 'vmm', memory: 'vmm', network: 'tap' });
    // A second call finds nothing to adopt.
    expect((await manager.ask(path, { method: 'POST', json: {} })).status).toBe(404);
  }, 60_000);
});

describe('this machine', () => {
  const agentPid = (): number => {
    const [pid, ...others] = findLeftOver(join(manager.dataDir, 'local-agent.json'));
    if (pid === undefined || others.length > 0) throw new Error('there is not one local agent');
    return pid;
  };

  test('has no values and a reason while its agent hangs or is gone, and then has them again', async () => {
    const { id } = await vmNamed(manager, 'this-machine');
    await untilReading(manager, id, 'its agent answers', ({ origin }) => origin === 'guest');
    process.kill(agentPid(), 'SIGSTOP');
    const hung = await untilReading(manager, id, 'it is stale', ({ origin }) => origin === 'none');
    expect(hung).toMatchObject({
      state: 'stale',
      reason: 'timeout',
      cpu_usage_percent: null,
      memory_used_bytes: null,
      load1: null,
    });
    // It is the agent of the host as well.
    await waitUntil('the host is down', async () => {
      const host = (await listHosts(manager)).find((one) => one.id === hostId);
      return host?.status.state === 'down' && host.status.reason === 'timeout';
    });
    process.kill(agentPid(), 'SIGKILL');
    await untilReading(
      manager,
      id,
      'another agent was started',
      (one) => one.origin === 'guest' && one.cpu_usage_percent !== null,
      20_000,
    );
    expect(manager.hasLogged('the local agent ended, starting it again')).toBe(true);
  }, 60_000);
});
