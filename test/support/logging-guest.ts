/** VMs whose agents read one real journal, which a test writes to. */
import { bundleOn, startAgent, type AgentProcess } from './agent-process.ts';
import { registerVm } from './manager-api.ts';
import { publicKeysOf } from './manager-keys-of.ts';
import type { ManagerProcess } from './manager-process.ts';
import type { Journald } from './private-journald.ts';

export interface LoggingGuest {
  readonly vmId: string;
  /** Of its agent, at its address. */
  readonly port: number;
  /** Ends its agent at once. */
  kill(): Promise<void>;
  /** To its agent. */
  signal(which: NodeJS.Signals): void;
  /** At the same place as before. */
  restart(): Promise<void>;
}

/** @param address of loopback, one for each guest */
export const startLoggingGuest = async (
  manager: ManagerProcess,
  journald: Pick<Journald, 'journalPath'>,
  { name, address }: { readonly name: string; readonly address: string },
): Promise<LoggingGuest> => {
  const keys = await publicKeysOf(manager);
  // Which port is free is known when an agent has it, and which VM it is when that is registered.
  const { id: vmId } = await registerVm(manager, { name, guest_ip: address });
  const start = async (port: number): Promise<AgentProcess> =>
    startAgent({
      build: bundleOn(process.execPath),
      args: ['--listen', `${address}:${port}`],
      config: { vm_id: vmId, manager_keys: keys, journal_paths: [journald.journalPath] },
    });
  let agent = await start(0);
  const { port } = agent;
  const reply = await manager.ask(`/v1/vms/${vmId}`, {
    method: 'PATCH',
    json: { agent_port: port },
  });
  if (reply.status !== 200) throw new Error(`PATCH: ${reply.status} ${reply.text}`);
  return {
    vmId,
    port,
    signal: (which) => agent.signal(which),
    kill: async () => void (await agent.kill()),
    restart: async () => {
      agent = await start(port);
    },
  };
};
