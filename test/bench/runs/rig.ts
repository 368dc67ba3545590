/** A manager, an agent of its one VM, and a client that runs commands there and follows them as the page does. */
import {
  runCreatedSchema,
  runEventsSchema,
  runSchema,
  type Run,
  type RunEvent,
} from '@innkeeper/protocol';
import { z } from 'zod';
import { connectClient } from '../../../apps/manager/src/push/testing/client.ts';
import { startAgent, type AgentBuild } from '../../support/agent-process.ts';
import { ask } from '../../support/http-client.ts';
import { vmIdsOf } from '../logs/rig.ts';
import type { OurManager } from '../pull/our-manager.ts';

/** All that happens in a run, batch by batch. */
export type OnEvents = (events: readonly RunEvent[], skipped: number) => void;

export interface RunClient {
  /** POST, then subscribe: as the page does. */
  begin(path: string, what: object): Promise<string>;
  /** Resolves when the run has ended and all of it was told. */
  follow(runId: string, onEvents: OnEvents): Promise<void>;
  read(runId: string): Promise<Run>;
  close(): void;
}

const GUEST = '127.77.0.1';
const FOLLOW_MS = 10 * 60_000;
const keysSchema = z.object({ public_keys: z.array(z.string()) });

const askManager = async (
  { port, token }: OurManager,
  path: string,
  body?: object,
): Promise<unknown> => {
  const method = body === undefined ? 'GET' : 'POST';
  const { status, text } = await ask({ host: '127.0.0.1', port }, path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutMs: 60_000,
  });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
};

export const openRunClient = async (manager: OurManager): Promise<RunClient> => {
  const url = `http://127.0.0.1:${manager.port}`;
  const socket = connectClient(url, { token: manager.token, headers: {} });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('connect_error', reject);
  });
  const followed = new Map<string, (batch: unknown) => void>();
  socket.on('run:events', (batch: unknown, received: () => void) => {
    received();
    const id = z.looseObject({ run_id: z.string() }).parse(batch).run_id;
    followed.get(id)?.(batch);
  });
  return {
    begin: async (path, what) =>
      runCreatedSchema.parse(await askManager(manager, path, what)).run_id,
    follow: async (runId, onEvents) =>
      new Promise((resolve, reject) => {
        const settle = (error?: Error): void => {
          clearTimeout(timer);
          socket.off('disconnect', onGone);
          followed.delete(runId);
          socket.emit('run:unsubscribe', { run_id: runId });
          if (error === undefined) resolve();
          else reject(error);
        };
        const onGone = (): void => settle(new Error('the manager hangs up on the viewer'));
        const timer = setTimeout(() => settle(new Error('the run does not end')), FOLLOW_MS);
        socket.once('disconnect', onGone);
        followed.set(runId, (batch) => {
          const { events, skipped } = runEventsSchema.parse(batch);
          onEvents(events, skipped);
          const isOver = (event: RunEvent): boolean =>
            event.kind === 'run' && (event.state === 'finished' || event.state === 'stopped');
          if (events.some(isOver)) settle();
        });
        socket.emit('run:subscribe', { run_id: runId }, (answer: unknown) => {
          const text = JSON.stringify(answer);
          if (text !== '{"ok":true}') settle(new Error(`run:subscribe was answered ${text}`));
        });
      }),
    read: async (runId) => runSchema.parse(await askManager(manager, `/v1/runs/${runId}`)),
    close: () => {
      socket.disconnect();
    },
  };
};

export interface Guest {
  readonly vmId: string;
  readonly agentPid: number;
}

/** One build after the other: they are the same VM. */
export const withGuest = async <Value>(
  manager: OurManager,
  agentPort: number,
  build: AgentBuild,
  work: (guest: Guest) => Promise<Value>,
): Promise<Value> => {
  const [vmId = ''] = await vmIdsOf(manager);
  const { public_keys: keys } = keysSchema.parse(await askManager(manager, '/v1/manager'));
  const agent = await startAgent({
    build,
    args: ['--listen', `${GUEST}:${agentPort}`],
    config: { vm_id: vmId, manager_keys: keys },
  });
  try {
    return await work({ vmId, agentPid: agent.pid });
  } finally {
    await agent.stop();
  }
};
