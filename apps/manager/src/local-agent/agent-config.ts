/** The configuration file of this machine's agent: how it is enrolled. */
import { chmodSync, renameSync, writeFileSync } from 'node:fs';

export interface AgentConfig {
  readonly vmId: string;
  /** Raw Ed25519 keys in base64. */
  readonly managerKeys: readonly string[];
  readonly managerUrl: string;
  /** The agent need not be root, who alone can write to its default place. */
  readonly stateDir: string;
  readonly port: number;
}

export const AGENT_HOST = '127.0.0.1';

export const agentConfigContent = (config: AgentConfig): string => {
  const content = {
    listen: `${AGENT_HOST}:${config.port}`,
    role: 'guest,host',
    log_level: 'warn',
    // It is the manager's own machine: nobody should turn that off from a page.
    power: 'off',
    vm_id: config.vmId,
    manager_keys: config.managerKeys,
    manager_url: config.managerUrl,
    state_dir: config.stateDir,
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
};

/** Never half a file: an agent that is just starting may be reading it. */
export const writeAgentConfig = (path: string, config: AgentConfig): void => {
  const aside = `${path}.new`;
  writeFileSync(aside, agentConfigContent(config), { mode: 0o600 });
  chmodSync(aside, 0o600);
  renameSync(aside, path);
};
