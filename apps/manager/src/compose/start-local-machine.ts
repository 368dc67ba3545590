/**
 * This machine as a VM and as a host: its agent is enrolled by its configuration, runs on a free
 * port of loopback, and is kept running.
 */
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import { findAdoptable, noteBuild } from '../local-agent/adoptable-agent.ts';
import { AGENT_HOST, writeAgentConfig } from '../local-agent/agent-config.ts';
import { findFreePort } from '../local-agent/free-port.ts';
import { startLocalAgent } from '../local-agent/local-agent.ts';
import type { Log } from '../log.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import type { Releasers } from './releasers.ts';

export interface LocalMachineOptions {
  readonly program: string;
  readonly dataDir: string;
  readonly managerUrl: string;
  readonly managerKeys: readonly string[];
  readonly nodePath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly vms: VmRegistry;
  readonly hosts: HostRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

const NAME = 'this-machine';
/** What does not end by itself in this time is killed when the manager ends. */
const STOP_MS = 2_000;
const BY_MANAGER = { actor: undefined, request: undefined };

/** What an agent needs to run; the manager's own settings are none of its business. */
const environmentOf = (
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> => {
  const passed = ['PATH', 'HOME', 'LANG', 'TZ'].flatMap((name): [string, string][] => {
    const value = variables[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(passed);
};

export const startLocalMachine = async (options: LocalMachineOptions): Promise<void> => {
  const { program, dataDir, vms, hosts, clock, log, releasers } = options;
  const { managerKeys, managerUrl, nodePath } = options;
  const stateDir = join(dataDir, 'local-agent');
  const configPath = join(dataDir, 'local-agent.json');
  const known = [...vms.all()].find(({ isLocal }) => isLocal);
  const build = { configPath, program, nodePath };
  const enrolment = { managerKeys, managerUrl, stateDir };
  const adoptable = known && findAdoptable({ ...build, wanted: { ...enrolment, vmId: known.id } });
  const port = adoptable?.port ?? (await findFreePort());
  const place = { guestIp: AGENT_HOST, agentPort: port };
  const vm = await vms.ensureLocal({ name: NAME, ...place, hostId: undefined });
  // Its agent is asked over loopback only.
  if (vm.enrolledAt === undefined) await vms.markEnrolled(BY_MANAGER, vm.id, undefined);
  await hosts.ensureLocal({
    name: NAME,
    address: AGENT_HOST,
    agentPort: port,
    agentId: vm.id,
  });
  writeAgentConfig(configPath, { ...enrolment, vmId: vm.id, port });
  noteBuild(build);
  const agent = startLocalAgent({
    program,
    configPath,
    nodePath,
    environment: environmentOf(options.environment),
    adopted: adoptable?.pid,
    log,
    monotonicMs: () => clock.monotonicMs(),
  });
  releasers.add('local agent', async () => agent.stop(), STOP_MS);
};
