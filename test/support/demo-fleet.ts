/** A fleet as somebody may have one, for pictures: simulated guests under names that mean something. */
import { z } from 'zod';
import { createToken, registerHost, registerVm } from './manager-api.ts';
import type { ManagerProcess } from './manager-process.ts';
import { AGENT_BUILDS, startAgent, type AgentProcess } from './agent-process.ts';
import { startSimulatedGuests, wanderingLoad, type LoadOf } from './simulated-guests.ts';

export interface DemoFleet {
  /** One that there is something to see of. */
  readonly busyVmId: string;
  close(): Promise<void>;
}

const ROLES = ['web', 'db', 'cache', 'api', 'queue', 'build', 'edge', 'mail'] as const;
const ENVIRONMENTS = ['prod', 'prod', 'prod', 'staging', 'ci'] as const;
const PER_HOST = 40;
/** Addresses where nothing answers, for what falls silent in every fleet. */
const SILENT = new Set([17, 58, 133]);
const BUSY = 4;
const CRITICAL = new Set([23, 91]);

const addressOf = (index: number): string =>
  `127.50.${Math.floor(index / 200)}.${(index % 200) + 1}`;

const loadOf: LoadOf = (address, at) => {
  const load = wanderingLoad(address, at);
  if ([...CRITICAL].some((index) => addressOf(index) === address)) return { ...load, cpu: 0.97 };
  if (address !== addressOf(BUSY)) return { ...load, memory: Math.min(load.memory, 0.83) };
  // Waves that look like work.
  const wave = Math.sin(at / 21_000) * 0.22 + Math.sin(at / 5_300) * 0.08;
  return { ...load, cpu: 0.45 + wave, network: 3e6 * (1 + wave), disk: 2e6 * (1 + wave) };
};

const managerSchema = z.object({ public_keys: z.array(z.string()) });

const startHosts = async (
  manager: ManagerProcess,
  count: number,
): Promise<{ readonly ids: readonly string[]; readonly agents: readonly AgentProcess[] }> => {
  const [build] = AGENT_BUILDS;
  if (build === undefined) throw new Error('there is no build of the agent');
  const { public_keys: keys } = managerSchema.parse((await manager.ask('/v1/manager')).json());
  const ids: string[] = [];
  const agents: AgentProcess[] = [];
  for (let index = 0; index < count; index += 1) {
    const agentId = `kvm0${index + 1}`;
    const address = `127.77.0.${index + 1}`;
    const agent = await startAgent({
      build,
      args: ['--listen', `${address}:0`],
      config: { role: ['host'], vm_id: agentId, manager_keys: keys },
    });
    agents.push(agent);
    const host = { name: agentId, address, agent_port: agent.port, agent_id: agentId };
    ids.push(await registerHost(manager, host));
  }
  return { ids, agents };
};

export const demoFleet = async (manager: ManagerProcess, vms: number): Promise<DemoFleet> => {
  const guests = await startSimulatedGuests(loadOf);
  const hosts = await startHosts(manager, Math.ceil(vms / PER_HOST));
  let busyVmId = '';
  for (let index = 0; index < vms; index += 1) {
    const role = ROLES[(index * 7) % ROLES.length] ?? 'web';
    const { id } = await registerVm(manager, {
      name: `${role}-${String(index + 1).padStart(3, '0')}`,
      guest_ip: addressOf(index),
      agent_port: guests.port,
      host_id: hosts.ids[Math.floor(index / PER_HOST)],
      labels: { role, env: ENVIRONMENTS[(index * 3) % ENVIRONMENTS.length] ?? 'prod' },
    });
    if (index === BUSY) busyVmId = id;
    if (SILENT.has(index)) guests.setSilent(addressOf(index), true);
  }
  await createToken(manager, { name: 'prometheus', role: 'viewer' });
  await createToken(manager, { name: 'provisioning', role: 'operator' });
  await createToken(manager, { name: 'team web', role: 'operator', scope: 'role=web,env!=prod' });
  return {
    busyVmId,
    close: async () => {
      await Promise.all(hosts.agents.map(async (agent) => agent.kill()));
      await guests.close();
    },
  };
};
