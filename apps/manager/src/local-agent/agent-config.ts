/** The configuration file of this machine's agent: how it is enrolled. */
import { chmodSync, renameSync, writeFileSync } from 'node:fs';

export interface AgentConfig {
  readonly vmId: string;
  /** Raw Ed25519 keys in base64. */
  readonly managerKeys: readonly string[];
  readonly managerUrl: string;
  readonly port: number;
}

export const AGENT_HOST = '127.0.0.1';

/** Never half a file: an agent that is just starting may be reading it. */
export const writeAgentConfig = (path: string, config: AgentConfig): void => {
  const aside = `${path}.new`;
  const content = {
    listen: `${AGENT_HOST}:${config.port}`,
    role: 'guest,host',
    log_level: 'warn',
    vm_id: config.vmId,
    manager_keys: config.managerKeys,
    manager_url: config.managerUrl,
  };
  writeFileSync(aside, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(aside, 0o600);
  renameSync(aside, path);
};
