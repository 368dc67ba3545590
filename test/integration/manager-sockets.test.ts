/** Guests without a network: a real manager and real agents, over unix sockets, vsock and virtio-serial. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, infoSchema, runCreatedSchema, runSchema } from '@innkeeper/protocol';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { obtainVirtioPort } from '../fakes/virtio-port/virtio-port.ts';
import { startVirtioSocket, type VirtioSocket } from '../fakes/virtio-port/virtio-socket.ts';
import { startVsock } from '../fakes/vsock/vsock.ts';
import { AGENT_BUILDS, startAgent } from '../support/agent-process.ts';
import { managerOfFile } from '../support/manager-of-file.ts';
import { startManager } from '../support/manager-process.ts';
import { createVm, expectStatus, untilReading } from '../support/manager-questions.ts';
import { publicKeysOf } from '../support/manager-keys-of.ts';
import { orSkip } from '../support/obtained.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'sockets-'));
// Before what follows, so that it comes after the end of that.
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ARGS = ['--socket-dirs', folder];
const { manager, replace, databaseUrl } = managerOfFile(ARGS);
let number = 0;
const freshName = (): string => {
  number += 1;
  return `guest-${number}`;
};

const untilUp = async (vmId: string): Promise<void> => {
  const isUp = ({ origin, reason }: { origin: string; reason: string | null }): boolean =>
    origin === 'guest' && reason === null;
  await untilReading(manager(), vmId, 'its guest answers', isUp, 20_000);
};

/** A command, and what it printed. */
const outputOf = async (vmId: string, script: string): Promise<string> => {
  const begun = await manager().ask(`/v1/vms/${vmId}/exec`, { method: 'POST', json: { script } });
  const { run_id: id } = runCreatedSchema.parse(expectStatus(begun, 202).json());
  const read = async () =>
    runSchema.parse(expectStatus(await manager().ask(`/v1/runs/${id}`), 200).json());
  await waitUntil('the command ends', async () => (await read()).ended_at !== null, 20_000);
  const [execution] = (await read()).executions;
  expect(execution).toMatchObject({ state: 'exited', exit_code: 0 });
  return (await manager().ask(`/v1/runs/${id}/executions/${execution?.id}/log`)).text;
};

describe.each(AGENT_BUILDS)('$name', (build) => {
  const startWith = async (vmId: string, config: Readonly<Record<string, unknown>>) =>
    startAgent({
      build,
      config: { vm_id: vmId, manager_keys: await publicKeysOf(manager()), ...config },
    });
  const startGuest = async (vmId: string, socket: string) => startWith(vmId, { socket });
  const startOnPort = async (vmId: string, device: string) =>
    startWith(vmId, { virtio_port: device });

  /** All that a page needs of a guest. */
  const expectAlive = async (vmId: string): Promise<void> => {
    await untilUp(vmId);
    infoSchema.parse(expectStatus(await manager().ask(`/v1/vms/${vmId}/info`), 200).json());
    expect(await outputOf(vmId, 'echo one; echo two >&2')).toContain('one\n');
    const logs = await manager().ask(`/v1/vms/${vmId}/logs?source=agent&follow=false`);
    expect(expectStatus(logs, 200).text).toContain('listening');
  };

  test('a guest at a unix socket has everything, and comes back after its agent was killed', async () => {
    const path = join(folder, `${freshName()}.sock`);
    const agentSocket = { kind: 'unix', path };
    const vm = await createVm(manager(), { name: freshName(), agent_socket: agentSocket });
    expect(vm).toMatchObject({ guest_ip: null, agent_socket: agentSocket });
    const first = await startGuest(vm.id, path);
    await expectAlive(vm.id);
    await first.kill();
    await untilReading(manager(), vm.id, 'it is gone', ({ reason }) => reason === 'unreachable');
    const second = await startGuest(vm.id, path);
    onTestFinished(async () => void (await second.kill()));
    await untilUp(vm.id);
  });

  test('a guest behind a vsock has everything, and comes back with its VMM', async () => {
    const guestSocket = join(folder, `${freshName()}.sock`);
    const path = join(folder, `${freshName()}.vsock`);
    const agentSocket = { kind: 'vsock', path, port: 1024 };
    const vm = await createVm(manager(), { name: freshName(), agent_socket: agentSocket });
    const agent = await startGuest(vm.id, guestSocket);
    onTestFinished(async () => void (await agent.kill()));
    const first = await startVsock(path, { 1024: guestSocket });
    await expectAlive(vm.id);
    await first.close();
    const isGone = ({ message }: { message: string | null }): boolean =>
      message?.startsWith(`vsock:${path}:1024: `) === true;
    await untilReading(manager(), vm.id, 'it is gone', isGone);
    const second = await startVsock(path, { 1024: guestSocket });
    onTestFinished(async () => second.close());
    await untilUp(vm.id);
  });

  test('a guest that has only a virtio-serial port has everything, and comes back', async (context) => {
    const port = orSkip(context, 'a virtio port', await obtainVirtioPort());
    const path = join(folder, `${freshName()}.virtio`);
    const start = async (): Promise<VirtioSocket> => startVirtioSocket(port.path, path);
    const first = await start();
    const agentSocket = { kind: 'virtio', path };
    const vm = await createVm(manager(), { name: freshName(), agent_socket: agentSocket });
    const agent = await startOnPort(vm.id, first.device);
    await expectAlive(vm.id);
    expect(first.served()).toBe(1);
    // The agent is killed, and started again on the same port.
    await agent.kill();
    await untilReading(manager(), vm.id, 'it is gone', ({ reason }) => reason !== null, 20_000);
    const again = await startOnPort(vm.id, first.device);
    await untilUp(vm.id);
    await again.kill();
    // The VMM ends, and both come back.
    await first.close();
    const isGone = ({ message }: { message: string | null }): boolean =>
      message === `virtio:${path}: no connection: there is no such socket`;
    await untilReading(manager(), vm.id, 'the port is gone', isGone, 40_000);
    const second = await start();
    onTestFinished(async () => second.close());
    const last = await startOnPort(vm.id, second.device);
    onTestFinished(async () => void (await last.kill()));
    await untilUp(vm.id);
    const { text } = expectStatus(await manager().ask('/metrics?vms=false'), 200);
    expect(text).toMatch(/^innkeeper_agent_connections\{way="virtio_port"\} 1$/mu);
    expect(text).toMatch(/^innkeeper_agent_reconnects_total\{way="virtio_port"\} [1-9]/mu);
    expect(text).toMatch(/^innkeeper_agent_connection_failures_total\{way="virtio_port"\} [1-9]/mu);
  }, 120_000);

  test("another VM's agent at the socket is not believed", async () => {
    const path = join(folder, `${freshName()}.sock`);
    const json = { name: freshName(), agent_socket: { kind: 'unix', path } };
    const vm = await createVm(manager(), json);
    const agent = await startGuest('somebody-else', path);
    onTestFinished(async () => void (await agent.kill()));
    const isRefused = ({ reason }: { reason: string | null }): boolean =>
      reason === 'unauthorized' || reason === 'wrong_identity';
    const reading = await untilReading(manager(), vm.id, 'it is refused', isRefused);
    expect(reading.origin).toBe('none');
  });
});

test('a manager that was killed leaves nothing at the port that the next one minds', async (context) => {
  const program = orSkip(context, 'a virtio port', await obtainVirtioPort());
  const [build] = AGENT_BUILDS.slice(-1);
  if (build === undefined) throw new Error('there is no agent');
  const path = join(folder, `${freshName()}.virtio`);
  const port = await startVirtioSocket(program.path, path);
  onTestFinished(async () => port.close());
  const agentSocket = { kind: 'virtio', path };
  const vm = await createVm(manager(), { name: freshName(), agent_socket: agentSocket });
  const keys = await publicKeysOf(manager());
  const config = { vm_id: vm.id, manager_keys: keys, virtio_port: port.device };
  const agent = await startAgent({ build, config });
  onTestFinished(async () => void (await agent.kill()));
  await untilUp(vm.id);
  const { adminToken } = manager();
  await manager().kill();
  const variables = { INNKEEPER_ADMIN_TOKEN: adminToken };
  replace(await startManager({ databaseUrl: databaseUrl(), args: ARGS, variables }));
  await untilUp(vm.id);
  expect(await outputOf(vm.id, 'echo still there')).toContain('still there\n');
  expect(port.served()).toBe(2);
}, 120_000);

test('a guest that floods its port is told as what it is, and others are not kept waiting', async () => {
  const path = join(folder, `${freshName()}.virtio`);
  const flood = (socket: Socket): void => {
    const more = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('error', () => undefined);
    socket.on('drain', more);
    more();
  };
  const server = createServer(flood);
  await new Promise<void>((settle) => {
    server.listen(path, settle);
  });
  onTestFinished(() => void server.close());
  const agentSocket = { kind: 'virtio', path };
  const hostile = await createVm(manager(), { name: freshName(), agent_socket: agentSocket });
  const other = await createVm(manager(), {
    name: freshName(),
    agent_socket: { kind: 'unix', path: join(folder, 'calm.sock') },
  });
  const [build] = AGENT_BUILDS;
  if (build === undefined) throw new Error('there is no agent');
  const keys = await publicKeysOf(manager());
  const config = { vm_id: other.id, manager_keys: keys, socket: join(folder, 'calm.sock') };
  const agent = await startAgent({ build, config });
  onTestFinished(async () => void (await agent.kill()));
  const isTold = ({ message }: { message: string | null }): boolean =>
    message?.includes('the guest sends something else than answers') === true;
  await untilReading(manager(), hostile.id, 'it is told', isTold, 20_000);
  const { text } = expectStatus(await manager().ask('/metrics?vms=false'), 200);
  expect(text).toMatch(/^innkeeper_virtio_junk_bytes_total [1-9]\d{6}/mu);
  await untilUp(other.id);
  const removed = await manager().ask(`/v1/vms/${hostile.id}`, { method: 'DELETE' });
  expectStatus(removed, 204);
}, 60_000);

const refusalOf = async (method: string, path: string, json: unknown): Promise<string> => {
  const reply = await manager().ask(path, { method, json });
  return `${reply.status} ${errorBodySchema.parse(reply.json()).error.message}`;
};

test('a socket is registered for one VM, below the allowed folders, and taken away again', async () => {
  const path = join(folder, 'mine.sock');
  const vm = await createVm(manager(), {
    name: freshName(),
    guest_ip: '10.77.0.1',
    agent_socket: { kind: 'unix', path },
  });
  const create = async (agentSocket: unknown): Promise<string> =>
    refusalOf('POST', '/v1/vms', { name: freshName(), agent_socket: agentSocket });
  expect(await create({ kind: 'vsock', path, port: 1 })).toContain(`409 agent_socket: the VM "`);
  expect(await create({ kind: 'unix', path: '/etc/x.sock' })).toContain('422 agent_socket: /etc/');
  expect(await create({ kind: 'unix', path: `${folder}/../x.sock` })).toMatch(
    /^422 .*agent_socket/u,
  );
  expect(await create({ kind: 'unix', path: 'x.sock' })).toMatch(/^422 .*agent_socket/u);
  expect(await create({ kind: 'vsock', path: join(folder, 'v'), port: 0 })).toMatch(/^422/u);
  expect(await create({ kind: 'tcp', path: join(folder, 'v') })).toMatch(/^422/u);
  const target = `/v1/vms/${vm.id}`;
  const outside = { agent_socket: { kind: 'unix', path: '/etc/x.sock' } };
  expect(await refusalOf('PATCH', target, outside)).toContain('422 agent_socket: /etc/');
  const cleared = await manager().ask(target, { method: 'PATCH', json: { agent_socket: null } });
  expect(expectStatus(cleared, 200).json()).toMatchObject({ agent_socket: null });
  await createVm(manager(), { name: freshName(), agent_socket: { kind: 'unix', path } });
});
