/** A journald, an agent that reads its journal, and a manager that has the agent's VM. */
import { z } from 'zod';
import { startAgent, type AgentBuild } from '../../support/agent-process.ts';
import { ask } from '../../support/http-client.ts';
import { startJournald, type Journald } from '../../support/private-journald.ts';
import { freePort } from '../../support/service-process.ts';
import {
  prepareData,
  startManager,
  type ManagerTools,
  type OurManager,
} from '../pull/our-manager.ts';
import { makeFleet } from '../pull/plan.ts';

export interface Rig {
  readonly journald: Journald;
  readonly manager: OurManager;
  readonly url: string;
  readonly vmId: string;
  /** One after the other: they are the same VM. */
  withAgent<Value>(build: AgentBuild, work: (pid: number) => Promise<Value>): Promise<Value>;
}

export type RigTools = ManagerTools;

const INTERVAL_MS = 1_000;
const GUEST = '127.77.0.1';

const vmsSchema = z.object({ items: z.array(z.object({ id: z.string() })) });
const keysSchema = z.object({ public_keys: z.array(z.string()) });
const createdSchema = z.object({ token: z.string() });

const askManager = async ({ port, token }: OurManager, path: string): Promise<unknown> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await ask({ host: '127.0.0.1', port }, path, { headers })).json();
};

export const vmIdsOf = async (manager: OurManager): Promise<readonly string[]> =>
  vmsSchema.parse(await askManager(manager, '/v1/vms?limit=500')).items.map(({ id }) => id);

/** Each is good for a hundred connections. */
export const makeTokens = async (
  { port, token }: OurManager,
  count: number,
): Promise<readonly string[]> => {
  const made: string[] = [];
  while (made.length < count) {
    const { text } = await ask({ host: '127.0.0.1', port }, '/v1/tokens', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `viewer-${made.length}`, role: 'viewer' }),
    });
    made.push(createdSchema.parse(JSON.parse(text)).token);
  }
  return made;
};

/** Not where this machine cannot run a journald of its own. */
export const withRig = async <Value>(
  tools: RigTools,
  work: (rig: Rig) => Promise<Value>,
): Promise<
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string }
> => {
  const started = await startJournald();
  if (!started.ok) return started;
  const { journald } = started;
  try {
    const agentPort = await freePort();
    const data = await prepareData(tools, makeFleet(1, INTERVAL_MS), agentPort);
    const manager = await startManager(tools, data, INTERVAL_MS);
    try {
      const [vmId = ''] = await vmIdsOf(manager);
      const { public_keys: keys } = keysSchema.parse(await askManager(manager, '/v1/manager'));
      const withAgent: Rig['withAgent'] = async (build, use) => {
        const agent = await startAgent({
          build,
          args: ['--listen', `${GUEST}:${agentPort}`],
          config: { vm_id: vmId, manager_keys: keys, journal_paths: [journald.journalPath] },
        });
        try {
          return await use(agent.pid);
        } finally {
          await agent.stop();
        }
      };
      const url = `http://127.0.0.1:${manager.port}`;
      const value = await work({ journald, manager, url, vmId, withAgent });
      manager.assertAlive();
      return { ok: true, value };
    } finally {
      await manager.stop();
    }
  } finally {
    await journald.stop();
  }
};
