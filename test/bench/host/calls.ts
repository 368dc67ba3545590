/** Calls of `/metrics/process-stats` on one connection, and what they cost the agent. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentProcess } from '../../support/agent-process.ts';
import { PROCESS_STATS } from '../../support/host-agent.ts';
import { cpuBetween, readCpuTime } from '../measure/cpu-time.ts';

export interface Calls {
  readonly count: number;
  /** From one call to the next; 0 is as fast as it goes. */
  readonly everyMs: number;
  /** Reads the proportional set sizes in each call, instead of in every tenth. */
  readonly pss: boolean;
}

export interface CallFigures {
  readonly cpuMsPerCall: number;
  readonly latenciesMs: readonly number[];
  readonly bodyBytes: number;
}

const ANSWER_MS = 20_000;

const callOnce = async (connection: Agent, port: number, pss: boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ vms: [], pss: true });
    const asked = request(
      {
        agent: connection,
        host: '127.0.0.1',
        port,
        path: PROCESS_STATS,
        method: pss ? 'POST' : 'GET',
        headers: pss ? { 'content-type': 'application/json' } : {},
        timeout: ANSWER_MS,
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.once('error', reject);
        incoming.once('end', () => {
          if (incoming.statusCode === 200) resolve(text);
          else reject(new Error(`${PROCESS_STATS} answered ${incoming.statusCode} ${text}`));
        });
      },
    );
    asked.once('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    asked.once('error', reject);
    asked.end(pss ? body : undefined);
  });

export const measureCalls = async (
  agent: AgentProcess,
  calls: Calls,
  signal: AbortSignal,
): Promise<CallFigures> => {
  const connection = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    let bodyBytes = 0;
    const latenciesMs: number[] = [];
    const before = readCpuTime(agent.pid);
    const startedAt = performance.now();
    for (let index = 0; index < calls.count; index += 1) {
      const dueMs = startedAt + index * calls.everyMs - performance.now();
      if (dueMs > 0) await sleep(dueMs, undefined, { signal });
      signal.throwIfAborted();
      const askedAt = performance.now();
      const text = await callOnce(connection, agent.port, calls.pss);
      latenciesMs.push(performance.now() - askedAt);
      bodyBytes = Buffer.byteLength(text);
    }
    const cpuMs = cpuBetween(before, readCpuTime(agent.pid));
    return { cpuMsPerCall: cpuMs / calls.count, latenciesMs, bodyBytes };
  } finally {
    connection.destroy();
  }
};

/** CPU time that the agent takes by itself, without being asked. */
export const measureIdle = async (
  agent: AgentProcess,
  windowMs: number,
  signal: AbortSignal,
): Promise<number> => {
  const before = readCpuTime(agent.pid);
  await sleep(windowMs, undefined, { signal });
  return cpuBetween(before, readCpuTime(agent.pid)) / (windowMs / 1000);
};
