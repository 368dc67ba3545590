/** The agent in the role `host`, and what it says of the VMM processes of this machine. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  processStatsSchema,
  type ProcessStats,
  type ProcessStatsRequest,
  type VmmProcess,
} from '@innkeeper/protocol';
import { startAgent, type AgentBuild, type AgentProcess } from './agent-process.ts';
import { ask, type HttpQuestion, type HttpReply } from './http-client.ts';
import { waitUntil } from './wait-until.ts';

export const PROCESS_STATS = '/metrics/process-stats';

export interface HostAgent {
  readonly agent: AgentProcess;
  readonly folder: string;
  /** One call; every answer is held against the schema. */
  stats(request?: ProcessStatsRequest): Promise<ProcessStats>;
  timed(
    request?: ProcessStatsRequest,
  ): Promise<{ readonly ms: number; readonly stats: ProcessStats }>;
  /** Calls until it is so of this process, and returns what it then says of it. */
  until(
    pid: number,
    what: string,
    isSo: (vm: VmmProcess) => boolean,
    request?: ProcessStatsRequest,
  ): Promise<VmmProcess>;
  post(body: string, headers?: HttpQuestion['headers']): Promise<HttpReply>;
  close(): Promise<void>;
}

export interface HostAgentOptions {
  readonly build: AgentBuild;
  readonly launcher?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

const TIMEOUT_MS = 8_000;

/** What it says of one process; other tests and the machine itself may have VMMs too. */
export const vmOf = (stats: ProcessStats, pid: number): VmmProcess => {
  const found = stats.vms.filter((vm) => vm.pid === pid);
  const [vm] = found;
  if (vm === undefined || found.length > 1) {
    throw new Error(`${found.length} entries of process ${pid} among ${stats.vms.length}`);
  }
  return vm;
};

/** The values of a part; throws its reason where it has none. */
export const valuesOf = <Part extends { readonly ok: boolean }>(
  part: Part,
): Extract<Part, { readonly ok: true }> => {
  const hasValues = (one: Part): one is Extract<Part, { readonly ok: true }> => one.ok;
  if (hasValues(part)) return part;
  throw new Error(JSON.stringify(part));
};

/** How long calls take, the fastest first: anything else may just take the machine for a moment. */
export const timeCalls = async (host: HostAgent, calls: number): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) times.push((await host.timed()).ms);
  return times.sort((left, right) => left - right);
};

/** The folder is where it may open sockets, FIFOs and pid files. */
export const startHostAgent = async (options: HostAgentOptions): Promise<HostAgent> => {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  chmodSync(folder, 0o755);
  const { build, launcher } = options;
  const agent = await startAgent({
    build,
    ...(launcher && { launcher }),
    args: ['--role', 'guest,host'],
    config: { host_paths: [folder], ...options.config },
  });
  const post: HostAgent['post'] = async (body, headers) =>
    ask(agent.address, PROCESS_STATS, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const stats: HostAgent['stats'] = async (request) => {
    const reply =
      request === undefined
        ? await ask(agent.address, PROCESS_STATS)
        : await post(JSON.stringify(request));
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    return processStatsSchema.parse(reply.json());
  };
  return {
    agent,
    folder,
    stats,
    post,
    timed: async (request) => {
      const began = performance.now();
      const answer = await stats(request);
      return { ms: performance.now() - began, stats: answer };
    },
    until: async (pid, what, isSo, request) => {
      let vm: VmmProcess | undefined;
      try {
        await waitUntil(
          what,
          async () => {
            vm = (await stats(request)).vms.find((one) => one.pid === pid);
            return vm !== undefined && isSo(vm);
          },
          TIMEOUT_MS,
        );
      } catch (error) {
        throw new Error(`${what}; last: ${JSON.stringify(vm)}`, { cause: error });
      }
      if (vm === undefined) throw new Error(`process ${pid} is gone`);
      return vm;
    },
    close: async () => {
      await agent.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
