/** Our agent: the native binary, on Node as a service starts it, and with Node's defaults. */

import { agentNodeFlags } from '../../../apps/manager/src/local-agent/agent-node-flags.ts';
import type { Contender, Key } from './contender.ts';

const SETTLE_MS = 1_000;

/** What is the same for each of them. */
export interface Program {
  readonly bundle: string;
  /** An empty one: that of the machine must not take part. */
  readonly configPath: string;
  /** Makes a copy of Node, or of the binary, for one contender. */
  readonly copyOf: (key: Key) => string;
}

interface Configuration {
  readonly key: Key;
  readonly name: string;
  /** Without the agent's own flags. */
  readonly start: readonly string[];
  /** Empty: all of them. */
  readonly collectors: readonly string[];
  readonly figures: Contender['figures'];
}

const makeContender = (configPath: string, configuration: Configuration): Contender => {
  const { key, name, collectors, figures } = configuration;
  const query = new URLSearchParams();
  for (const collector of collectors) query.append('collect[]', collector);
  const start = [...configuration.start, '--config', configPath];
  return {
    key,
    name,
    command: (port) => [...start, '--listen', `127.0.0.1:${port}`],
    healthPath: '/health',
    scrapePath: collectors.length === 0 ? '/metrics' : `/metrics?${query.toString()}`,
    settleMs: SETTLE_MS,
    figures,
  };
};

const onNode = (program: Program, key: Key, flags: readonly string[]): readonly string[] => [
  program.copyOf(key),
  ...flags,
  program.bundle,
];

export const makeOurAgent = (program: Program): Contender =>
  makeContender(program.configPath, {
    key: 'ours',
    name: 'our agent on Node',
    start: onNode(program, 'ours', agentNodeFlags),
    collectors: [],
    figures: 'all',
  });

const withoutProcesses = (collectors: readonly string[]): readonly string[] =>
  collectors.filter((name) => name !== 'processes');

/** @param collectors all that it has */
export const makeOtherAgents = (program: Program, collectors: readonly string[]): Contender[] => [
  makeContender(program.configPath, {
    key: 'ours-plain',
    name: 'our agent, Node without flags',
    start: onNode(program, 'ours-plain', []),
    collectors: [],
    figures: 'all',
  }),
  makeContender(program.configPath, {
    key: 'ours-no-processes',
    name: 'our agent on Node, the same without processes',
    start: onNode(program, 'ours-no-processes', agentNodeFlags),
    collectors: withoutProcesses(collectors),
    figures: 'scrapes',
  }),
];

export const makeNativeAgents = (
  { configPath, copyOf }: Pick<Program, 'configPath' | 'copyOf'>,
  collectors: readonly string[],
): Contender[] => [
  makeContender(configPath, {
    key: 'native',
    name: 'our agent, native',
    start: [copyOf('native')],
    collectors: [],
    figures: 'all',
  }),
  makeContender(configPath, {
    key: 'native-no-processes',
    name: 'our agent, native, the same without processes',
    start: [copyOf('native-no-processes')],
    collectors: withoutProcesses(collectors),
    figures: 'scrapes',
  }),
];
