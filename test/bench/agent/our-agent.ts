/** Our agent, as the service starts it and with Node's defaults. */

import { agentNodeFlags } from '../../../apps/manager/src/local-agent/agent-node-flags.ts';
import type { Contender, Key } from './contender.ts';

const SETTLE_MS = 1_000;

/** What is the same for each of them. */
export interface Program {
  readonly bundle: string;
  /** An empty one: that of the machine must not take part. */
  readonly configPath: string;
  /** Makes a copy of Node for one contender. */
  readonly copyOf: (key: Key) => string;
}

interface Configuration {
  readonly key: Key;
  readonly name: string;
  /** Of Node. */
  readonly flags: readonly string[];
  /** Empty: all of them. */
  readonly collectors: readonly string[];
  readonly figures: Contender['figures'];
}

const makeContender = (program: Program, configuration: Configuration): Contender => {
  const { key, name, flags, collectors, figures } = configuration;
  const query = new URLSearchParams();
  for (const collector of collectors) query.append('collect[]', collector);
  const start = [program.copyOf(key), ...flags, program.bundle, '--config', program.configPath];
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

export const makeOurAgent = (program: Program): Contender =>
  makeContender(program, {
    key: 'ours',
    name: 'our agent',
    flags: agentNodeFlags,
    collectors: [],
    figures: 'all',
  });

/** @param collectors all that it has */
export const makeOtherAgents = (program: Program, collectors: readonly string[]): Contender[] => [
  makeContender(program, {
    key: 'ours-plain',
    name: 'our agent, Node without flags',
    flags: [],
    collectors: [],
    figures: 'all',
  }),
  makeContender(program, {
    key: 'ours-no-processes',
    name: 'our agent, the same without processes',
    flags: agentNodeFlags,
    collectors: collectors.filter((name) => name !== 'processes'),
    figures: 'scrapes',
  }),
];
