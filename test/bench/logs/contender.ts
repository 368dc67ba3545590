/** What serves a journal as server-sent events: the agent, and systemd-journal-gatewayd. */
import type { HttpAddress } from '../../support/http-client.ts';
import { agentNodeFlags } from '../../../apps/manager/src/local-agent/agent-node-flags.ts';
import { bundleOn, NATIVE, startAgent, type AgentBuild } from '../../support/agent-process.ts';
import { obtainGatewayd } from '../../support/journal-gatewayd.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../../support/manager-key.ts';
import { makeChildren } from '../measure/children.ts';

export type Key = 'agent' | 'agent-lite' | 'agent-native' | 'gatewayd';

export interface Serving {
  readonly pid: number;
  readonly address: HttpAddress;
  readonly headers: Readonly<Record<string, string>>;
  /** What has been logged until now, to its end. */
  readonly allPath: string;
  /** From now on, for ever. */
  readonly followPath: string;
  stop(): Promise<void>;
}

export interface Contender {
  readonly key: Key;
  readonly name: string;
  start(journal: string): Promise<Serving>;
}

const VM_ID = 'bench';

const makeAgent = (key: Key, name: string, build: AgentBuild): Contender => ({
  key,
  name,
  start: async (journal) => {
    const manager = makeManagerKey();
    const agent = await startAgent({
      build,
      config: { vm_id: VM_ID, manager_keys: [manager.publicKey], journal_paths: [journal] },
    });
    const token = manager.sign({ aud: VM_ID, scope: 'logs', exp: secondsFromNow(3_600) });
    return {
      pid: agent.pid,
      address: agent.address,
      headers: bearer(token),
      allPath: '/logs?follow=false&since=0',
      followPath: '/logs?tail=0',
      stop: async () => void (await agent.stop()),
    };
  },
});

const START_MS = 10_000;
const POLL_MS = 50;

const makeGatewayd = async (): Promise<Contender> => {
  const obtained = await obtainGatewayd();
  if (!obtained.ok) throw new Error(`systemd-journal-gatewayd: ${obtained.reason}`);
  const { command, address } = obtained;
  return {
    key: 'gatewayd',
    name: 'systemd-journal-gatewayd',
    start: async (journal) => {
      const children = makeChildren();
      const child = children.start([...command, `--directory=${journal}`]);
      const until = performance.now() + START_MS;
      const isUp = async (): Promise<boolean> =>
        fetch(`http://${address.host}:${address.port}/machine`).then(
          (answer) => answer.ok,
          () => false,
        );
      while (!(await isUp())) {
        const obituary = child.obituary();
        if (obituary !== undefined || performance.now() > until) {
          await children.stopAll();
          throw new Error(`systemd-journal-gatewayd: ${obituary ?? 'it does not answer'}`);
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return {
        pid: child.pid,
        address,
        headers: { accept: 'text/event-stream' },
        allPath: '/entries',
        followPath: '/entries?follow',
        stop: async () => children.stopAll(),
      };
    },
  };
};

export interface Roster {
  readonly contenders: readonly Contender[];
  /** Who is not there, and why: a sentence each. */
  readonly absent: readonly string[];
}

export const makeContenders = async (): Promise<Roster> => {
  const node = process.execPath;
  const native: readonly Contender[] = NATIVE.ok
    ? [
        makeAgent('agent-native', 'agent, native', {
          name: 'the native binary',
          command: [NATIVE.path],
        }),
      ]
    : [];
  return {
    contenders: [
      makeAgent('agent', 'agent, Node with the JIT', bundleOn(node)),
      makeAgent('agent-lite', "agent, the unit's flags", bundleOn(node, agentNodeFlags)),
      ...native,
      await makeGatewayd(),
    ],
    absent: NATIVE.ok ? [] : [`The native agent is not there: ${NATIVE.reason}.`],
  };
};
