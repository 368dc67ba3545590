/** What goes into the configuration of a host's agent, so that it trusts this manager. */
import type { Host } from '@innkeeper/protocol';

export const agentConfig = (
  host: Pick<Host, 'agent_id' | 'agent_port' | 'address'>,
  manager: { readonly public_keys: readonly string[]; readonly public_url: string | null },
): string => {
  const anyAddress = host.address.includes(':') ? '[::]' : '0.0.0.0';
  return JSON.stringify(
    {
      role: ['host'],
      listen: `${anyAddress}:${host.agent_port}`,
      vm_id: host.agent_id,
      manager_keys: manager.public_keys,
      ...(manager.public_url === null ? {} : { manager_url: manager.public_url }),
    },
    null,
    2,
  );
};
