/**
 * The agent of a manager that was killed, where a new one would be the very same: it goes on, and the
 * commands that run below it do too.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { AGENT_HOST, agentConfigContent, type AgentConfig } from './agent-config.ts';
import { findLeftOver } from './left-over.ts';

const configSchema = z.looseObject({ listen: z.string() });

const LISTEN = new RegExp(`^${AGENT_HOST.replaceAll('.', '\\.')}:(?<port>\\d{1,5})$`, 'u');

const buildPath = (configPath: string): string => `${configPath}.build`;

/** Another build of the agent, or another Node, is another agent. */
const buildOf = (program: string, nodePath: string): string => {
  const { size, mtimeMs } = statSync(program);
  return JSON.stringify([program, size, mtimeMs, nodePath, process.version]);
};

export interface AdoptableOptions {
  readonly configPath: string;
  readonly program: string;
  readonly nodePath: string;
  readonly wanted: Omit<AgentConfig, 'port'>;
}

export const findAdoptable = ({
  configPath,
  program,
  nodePath,
  wanted,
}: AdoptableOptions): { readonly pid: number; readonly port: number } | undefined => {
  const [pid, ...others] = findLeftOver(configPath);
  if (pid === undefined || others.length > 0) return undefined;
  try {
    const text = readFileSync(configPath, 'utf8');
    const { listen } = configSchema.parse(JSON.parse(text));
    const port = Number(LISTEN.exec(listen)?.groups?.['port']);
    const isSame =
      text === agentConfigContent({ ...wanted, port }) &&
      readFileSync(buildPath(configPath), 'utf8') === buildOf(program, nodePath);
    return isSame ? { pid, port } : undefined;
  } catch {
    // Whatever is wrong with these files, a new agent does not need them.
    return undefined;
  }
};

/** Before an agent of this build is started. */
export const noteBuild = ({
  configPath,
  program,
  nodePath,
}: Omit<AdoptableOptions, 'wanted'>): void => {
  writeFileSync(buildPath(configPath), buildOf(program, nodePath), { mode: 0o600 });
};
