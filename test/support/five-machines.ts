/** A hypervisor as tests want it: three real QEMU processes and two stand-ins for Firecracker. */
import type { TestContext } from 'vitest';
import {
  obtainFirecracker,
  startFirecracker,
  type Firecracker,
} from '../fakes/firecracker/stand-in.ts';
import type { AgentBuild } from './agent-process.ts';
import { startHostAgent, type HostAgent } from './host-agent.ts';
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts';
import { orSkip } from './obtained.ts';
import { obtainQemu, startQemu, type Qemu } from './qemu.ts';

export interface FiveMachines {
  readonly host: HostAgent;
  /** In which `mail` and `cache` have a tap each: `mail0` and `cache0`. */
  readonly network: NetworkNamespace;
  /** Never rests; has a balloon. */
  readonly web: Qemu;
  /** One vCPU, an NVMe disk, 18 reads and writes a second. */
  readonly db: Qemu;
  /** Sends DHCP requests over its tap. */
  readonly mail: Qemu;
  /** Two vCPUs, two drives, a tap. */
  readonly cache: Firecracker;
  /** One drive and no network. */
  readonly build: Firecracker;
  close(): Promise<void>;
}

export type StartedMachines =
  | { readonly ok: true; readonly machines: FiveMachines }
  | { readonly ok: false; readonly skip: (context: TestContext) => never };

const UUIDS = {
  web: '6f0f1b52-0c39-4d6e-92c4-6b1f5a0e9d01',
  db: '6f0f1b52-0c39-4d6e-92c4-6b1f5a0e9d02',
  mail: '6f0f1b52-0c39-4d6e-92c4-6b1f5a0e9d03',
};

type Releaser = () => Promise<void>;

interface Programs {
  readonly qemu: string;
  readonly firecracker: string;
}

const startAll = async (
  build: AgentBuild,
  { qemu, firecracker }: Programs,
  network: NetworkNamespace,
  releasers: Releaser[],
): Promise<Omit<FiveMachines, 'close'>> => {
  const keep = async <One extends { kill: Releaser }>(made: Promise<One>): Promise<One> => {
    const one = await made;
    releasers.push(async () => one.kill());
    return one;
  };
  const host = await startHostAgent({ build });
  releasers.push(async () => host.close());
  for (const tap of ['mail0', 'cache0']) network.addTap(tap);
  const { folder } = host;
  const { launcher } = network;
  const common = { path: qemu, folder, launcher };
  // One after the other, so that none is still starting when another one fails.
  const web = await keep(
    startQemu({ ...common, name: 'web', uuid: UUIDS.web, pace: 'busy', hasBalloon: true }),
  );
  const db = await keep(
    startQemu({
      ...common,
      name: 'db',
      uuid: UUIDS.db,
      pace: 'paced',
      disk: 'nvme',
      cpus: 1,
      memoryMib: 128,
    }),
  );
  const mail = await keep(
    startQemu({ ...common, name: 'mail', uuid: UUIDS.mail, pace: 'idle', tap: 'mail0' }),
  );
  const cache = await keep(
    startFirecracker({
      path: firecracker,
      folder,
      launcher,
      id: 'cache-1',
      vcpus: 2,
      memoryMib: 256,
      interfaces: { eth0: 'cache0' },
      drives: ['rootfs', 'data'],
    }),
  );
  const second = await keep(
    startFirecracker({ path: firecracker, folder, id: 'build-2', interfaces: {} }),
  );
  return { host, network, web, db, mail, cache, build: second };
};

export const startFiveMachines = async (build: AgentBuild): Promise<StartedMachines> => {
  const qemu = await obtainQemu();
  const firecracker = await obtainFirecracker();
  if (!qemu.ok) return { ok: false, skip: (context) => missing(orSkip(context, 'QEMU', qemu)) };
  if (!firecracker.ok) {
    const what = 'the stand-in for Firecracker';
    return { ok: false, skip: (context) => missing(orSkip(context, what, firecracker)) };
  }
  const made = await makeNetworkNamespace();
  if (!made.ok) return { ok: false, skip: (context) => context.skip(made.reason) };

  const releasers: Releaser[] = [async () => made.namespace.close()];
  const close = async (): Promise<void> => {
    for (const release of releasers.reverse()) await release();
  };
  const programs = { qemu: qemu.path, firecracker: firecracker.path };
  try {
    const machines = await startAll(build, programs, made.namespace, releasers);
    return { ok: true, machines: { ...machines, close } };
  } catch (error) {
    await close();
    throw error;
  }
};

const missing = (_nothing: unknown): never => {
  throw new Error('this test should have been skipped');
};
