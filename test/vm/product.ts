/** A manager with its own Postgres and host agent, and guests that enrol with it: all by what is shipped. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reading } from '@innkeeper/protocol';
import { BUNDLE } from '../support/agent-process.ts';
import { obtainBusybox } from '../support/busybox-root.ts';
// Gathers what the manager hands out.
import { hasNative } from '../support/deployment.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { createVm, listHosts, untilReading } from '../support/manager-questions.ts';
import { obtainQemu } from '../support/qemu.ts';
import { waitUntil } from '../support/wait-until.ts';
import { addManagerAddress, makeGuestNetwork, MANAGER_IP } from './guest-network.ts';
import { obtainGuestImage, type GuestInit } from './guest-image.ts';
import { startGuest, type Guest } from './guest.ts';

export interface Product {
  readonly manager: ManagerProcess;
  addGuest(options: AddGuestOptions): Promise<ProductGuest>;
  stop(): Promise<void>;
}

export interface AddGuestOptions {
  readonly init: GuestInit;
  readonly memoryMib?: number;
  readonly cpus?: number;
  /** Called when the VM is registered and nothing of it runs yet. */
  readonly beforeStart?: (vmId: string) => Promise<void>;
}

export type IsSo = Parameters<typeof untilReading>[3];

export interface ProductGuest extends Guest {
  readonly vmId: string;
  readonly guestIp: string;
  /** Its first reading; throws with what its console said where there is none. */
  untilUp(timeoutMs: number): Promise<Reading>;
  /** Asks until it is so of its latest reading. */
  until(what: string, isSo: IsSo, timeoutMs: number): Promise<Reading>;
  /** Throws where anything in it went wrong. */
  untilCloudInitEnds(timeoutMs: number): Promise<void>;
}

const MANAGER_PORT = 8080;
/** Where manager and host agent open sockets of VMs without being told to. */
const SOCKETS = '/run';
/** Processor time is what a guest costs here, memory is not. */
const MEMORY_MIB = 512;
const PAUSE_MS = 200;
const MAX_CONSOLE = 4_000;

/** A busy machine misses an agent now and then, by a timeout. */
export const isMissedAs =
  (reason: Reading['reason']) =>
  (reading: Reading): boolean =>
    reading.origin === 'host' && reading.reason === reason;

export const isUp = ({ state, origin }: Reading): boolean => state === 'up' && origin === 'guest';

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

const watch = (manager: ManagerProcess, vmId: string, guest: Guest) => {
  /** For what is asked again and again: each question takes time from the guest. */
  const orPause = async (isSo: boolean): Promise<boolean> => {
    if (!isSo) await sleep(PAUSE_MS);
    return isSo;
  };
  const until: ProductGuest['until'] = async (what, isSo, timeoutMs) =>
    untilReading(manager, vmId, what, async (one) => orPause(await isSo(one)), timeoutMs);
  const untilUp = async (timeoutMs: number): Promise<Reading> => {
    try {
      return await until('the first reading', isUp, timeoutMs);
    } catch (error) {
      throw new Error(`its console: ${guest.console().slice(-MAX_CONSOLE)}`, { cause: error });
    }
  };
  const untilCloudInitEnds = async (timeoutMs: number): Promise<void> => {
    const path = '/run/cloud-init/result.json';
    let told = '';
    const isThere = async (): Promise<boolean> => {
      told = await guest.shell.run(`cat ${path} 2>/dev/null || :`, timeoutMs);
      return orPause(told !== '');
    };
    await waitUntil('cloud-init has ended', isThere, timeoutMs);
    if (!/"errors": \[\]/u.test(told)) throw new Error(`cloud-init says: ${told}`);
  };
  return { until, untilUp, untilCloudInitEnds };
};

export const startProduct = async (): Promise<Product> => {
  if (!hasNative) throw new Error('the native agent was not built');
  addManagerAddress();
  const folder = mkdtempSync(join(SOCKETS, 'innkeeper-vm-'));
  const address = `${MANAGER_IP}:${MANAGER_PORT}`;
  const reached = ['--listen', address, '--public-url', `http://${address}`];
  const manager = await startManager({ args: [...reached, '--local-agent', BUNDLE.path] });
  const closers: (() => Promise<void>)[] = [];
  let guests = 0;

  const addGuest: Product['addGuest'] = async (options) => {
    const { init, memoryMib = MEMORY_MIB, cpus = 2 } = options;
    const image = needed(await obtainGuestImage(init));
    const qemu = needed(await obtainQemu());
    const busybox = needed(await obtainBusybox()).path;
    guests += 1;
    const number = guests;
    const network = await makeGuestNetwork({ busybox, folder, number });
    closers.push(async () => network.close());
    const host = (await listHosts(manager)).find((one) => one.is_local);
    const [name, uuid] = [`debian-${number}`, randomUUID()];
    const vmm = { kind: 'qemu', uuid, qmp_socket: join(folder, `${name}.qmp`) };
    const { id: vmId } = await createVm(manager, { name, host_id: host?.id, vmm });
    await options.beforeStart?.(vmId);
    const seed = await seedOf(manager, vmId);
    const { tap, guestIp } = network;
    const machine = { name, uuid, seed, tap, memoryMib, cpus };
    const guest = await startGuest({ qemu, image, folder, ...machine });
    closers.push(async () => guest.close());
    return { ...guest, vmId, guestIp, ...watch(manager, vmId, guest) };
  };

  return {
    manager,
    addGuest,
    stop: async () => {
      // A guest before its network.
      for (const close of closers.toReversed()) await close();
      await manager.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
