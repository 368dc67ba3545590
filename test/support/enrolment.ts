/** A manager that guests may enrol with, and agents that do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  enrollmentCreatedSchema,
  enrollmentSchema,
  healthSchema,
  pageOf,
  vmEventSchema,
  type Enrollment,
  type EnrollmentCreated,
  type VmEvent,
} from '@innkeeper/protocol';
import { startAgent, type AgentBuild, type AgentProcess } from './agent-process.ts';
import { ask, type HttpAddress } from './http-client.ts';
import { startManager, type ManagerOptions, type ManagerProcess } from './manager-process.ts';
import { createVm, expectStatus } from './manager-questions.ts';
import { makeOtherMachine, type OtherMachine } from './other-machine.ts';
import { freePort } from './service-process.ts';
import { waitUntil } from './wait-until.ts';

const ENROLMENT_KINDS: ReadonlySet<VmEvent['kind']> = new Set([
  'enrolled',
  're_enrolled',
  'cloned',
  'enrollment_refused',
  'key_rotated',
]);

/** Guests reach it at its own address, as it is told by its public URL. */
export const startEnrolling = async (options: ManagerOptions): Promise<ManagerProcess> => {
  const port = await freePort();
  const args = ['--listen', `127.0.0.1:${port}`, '--public-url', `http://127.0.0.1:${port}`];
  return startManager({ ...options, args: [...(options.args ?? []), ...args] });
};

/** A place for a guest's agent: a folder for its key, an address, a machine. */
export interface Guest {
  readonly vmId: string;
  readonly host: string;
  readonly port: number;
  readonly address: HttpAddress;
  readonly stateDir: string;
  readonly machine: OtherMachine;
  start(build: AgentBuild, config: Readonly<Record<string, unknown>>): Promise<AgentProcess>;
  remove(): void;
}

export const makeGuest = async (options: {
  readonly vmId: string;
  readonly host: string;
  readonly port?: number;
  readonly machine?: OtherMachine;
}): Promise<Guest> => {
  const { vmId, host } = options;
  const port = options.port ?? (await freePort());
  const stateDir = join(mkdtempSync(join(tmpdir(), 'enrolment-')), 'state');
  const machine = options.machine ?? makeOtherMachine();
  return {
    vmId,
    host,
    port,
    address: { host, port },
    stateDir,
    machine,
    start: async (build, config) =>
      startAgent({
        build,
        args: ['--listen', `${host}:${port}`, '--state-dir', stateDir, ...machine.args],
        config,
      }),
    remove: () => {
      rmSync(join(stateDir, '..'), { recursive: true, force: true });
      machine.remove();
    },
  };
};

let made = 0;

/** Registered, without an address yet; its agent will be on that port. */
export const makeRegisteredGuest = async (
  manager: ManagerProcess,
  host: string,
  machine?: OtherMachine,
): Promise<Guest> => {
  const port = await freePort();
  made += 1;
  const vm = await createVm(manager, { name: `guest ${made}`, agent_port: port });
  return makeGuest({ vmId: vm.id, host, port, ...(machine !== undefined && { machine }) });
};

export const makeToken = async (
  manager: Pick<ManagerProcess, 'ask'>,
  vmId: string,
): Promise<EnrollmentCreated> => {
  const reply = await manager.ask(`/v1/vms/${vmId}/enrollment`, { method: 'POST' });
  return enrollmentCreatedSchema.parse(expectStatus(reply, 201).json());
};

/** The config of an agent, as cloud-init and install.sh write it. */
export const configOf = (created: EnrollmentCreated): Readonly<Record<string, unknown>> => ({
  vm_id: created.vm_id,
  manager_url: created.manager_url,
  manager_keys: created.manager_keys,
  enrollment_token: created.token,
});

export const enrollmentOf = async (
  manager: Pick<ManagerProcess, 'ask'>,
  vmId: string,
): Promise<Enrollment> => {
  const reply = await manager.ask(`/v1/vms/${vmId}/enrollment`);
  return enrollmentSchema.parse(expectStatus(reply, 200).json());
};

/** What the VM's timeline says of its enrolment, the oldest first. */
export const enrolmentEventsOf = async (
  manager: Pick<ManagerProcess, 'ask'>,
  vmId: string,
): Promise<readonly VmEvent[]> => {
  const reply = await manager.ask(`/v1/vms/${vmId}/events`);
  const { items } = pageOf(vmEventSchema).parse(expectStatus(reply, 200).json());
  return items.filter(({ kind }) => ENROLMENT_KINDS.has(kind)).toReversed();
};

/** What the agent itself says of its enrolment. */
const statusOf = async (guest: Pick<Guest, 'address'>) =>
  healthSchema.parse((await ask(guest.address, '/health')).json()).enrollment;

/** Until the agent says that it is enrolled, or refused with this code. */
export const untilStatus = async (
  guest: Pick<Guest, 'address'>,
  wanted: { readonly state: string; readonly code?: string | null },
): ReturnType<typeof statusOf> => {
  let last: Awaited<ReturnType<typeof statusOf>> = null;
  try {
    await waitUntil(
      `the agent is ${JSON.stringify(wanted)}`,
      async () => {
        last = await statusOf(guest);
        if (last?.state !== wanted.state) return false;
        return wanted.code === undefined || last.code === wanted.code;
      },
      20_000,
    );
  } catch (error) {
    throw new Error(`the agent says ${JSON.stringify(last)}`, { cause: error });
  }
  return last;
};
