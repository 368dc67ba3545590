/** The manager of a test file, and a guest that enrols with it: all by what is shipped. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE } from '../support/agent-process.ts';
import { obtainBusybox } from '../support/busybox-root.ts';
// Gathers what the manager hands out.
import { hasNative } from '../support/deployment.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { createVm, listHosts } from '../support/manager-questions.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { obtainQemu } from '../support/qemu.ts';
import { addManagerAddress, makeGuestNetwork, MANAGER_IP } from './guest-network.ts';
import { obtainGuestImage } from './guest-image.ts';
import { startGuest, type Guest } from './guest.ts';

export interface Product {
  readonly manager: ManagerProcess;
  addGuest(options?: AddGuestOptions): Promise<ProductGuest>;
  stop(): Promise<void>;
}

export interface AddGuestOptions {
  /** Called when the VM is registered and nothing of it runs yet. */
  readonly beforeStart?: (vmId: string) => Promise<void>;
}

export interface ProductGuest extends Guest {
  readonly vmId: string;
  readonly guestIp: string;
}

const MANAGER_PORT = 8080;
/** Where manager and host agent open sockets of VMs without being told to. */
const SOCKETS = '/run';

const needed = <Value extends { readonly ok: boolean }>(
  value: Value,
): Extract<Value, { readonly ok: true }> => {
  const isThere = (one: Value): one is Extract<Value, { readonly ok: true }> => one.ok;
  if (isThere(value)) return value;
  throw new Error(JSON.stringify(value));
};

const seedOf = async (manager: ManagerProcess, vmId: string): Promise<Uint8Array> => {
  const url = `${manager.url}/v1/vms/${vmId}/cloud-init?format=iso`;
  const headers = { authorization: `Bearer ${manager.adminToken}`, connection: 'close' };
  const reply = await fetch(url, { headers });
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
  return new Uint8Array(await reply.arrayBuffer());
};

export const startProduct = async (): Promise<Product> => {
  if (!hasNative) throw new Error('the native agent was not built');
  addManagerAddress();
  const folder = mkdtempSync(join(SOCKETS, 'innkeeper-vm-'));
  const database = await createTestDatabase();
  const address = `${MANAGER_IP}:${MANAGER_PORT}`;
  const reached = ['--listen', address, '--public-url', `http://${address}`];
  const manager = await startManager({
    databaseUrl: database.url,
    args: [...reached, '--local-agent', BUNDLE.path],
  });
  const closers: (() => Promise<void>)[] = [];
  let guests = 0;

  const addGuest: Product['addGuest'] = async (options = {}) => {
    const image = needed(await obtainGuestImage());
    const qemu = needed(await obtainQemu());
    const busybox = needed(await obtainBusybox()).path;
    guests += 1;
    const number = guests;
    const network = await makeGuestNetwork({ busybox, folder, number });
    closers.push(async () => network.close());
    const host = (await listHosts(manager)).find((one) => one.is_local);
    const [name, uuid] = [`debian-${number}`, randomUUID()];
    const vmm = { kind: 'qemu', uuid, qmp_socket: join(folder, `${name}.qmp`) };
    const vm = await createVm(manager, { name, host_id: host?.id, vmm });
    await options.beforeStart?.(vm.id);
    const seed = await seedOf(manager, vm.id);
    const guest = await startGuest({
      qemu,
      image,
      folder,
      name,
      uuid,
      seed,
      tap: network.tap,
    });
    closers.push(async () => guest.close());
    return { ...guest, vmId: vm.id, guestIp: network.guestIp };
  };

  return {
    manager,
    addGuest,
    stop: async () => {
      // A guest before its network.
      for (const close of closers.toReversed()) await close();
      await manager.stop();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
