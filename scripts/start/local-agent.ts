/** The agent of this machine as a child process: started, watched, and ended with certainty. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { agentNodeFlags } from '../agent-flags.ts';

export interface LocalAgent {
  /** How it ended, in words: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export type StartedAgent =
  | { readonly ok: true; readonly url: string; readonly port: number; readonly agent: LocalAgent }
  | { readonly ok: false; readonly reason: string };

export interface LocalAgentOptions {
  readonly bundle: string;
  /** Taken where it is free; else any free one. */
  readonly preferredPort: number;
}

const HOST = '127.0.0.1';
const START_MS = 10_000;
const POLL_MS = 20;
/** The agent gives requests four seconds to finish. */
const STOP_MS = 6_000;

const tryPort = async (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, HOST, () => {
      const address = probe.address();
      const bound = typeof address === 'object' && address !== null ? address.port : undefined;
      probe.close(() => resolve(bound));
    });
  });

/** The variables of whoever starts this are for other agents; this one is told all it needs. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GUEST_AGENT_')),
  );

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) });
    await response.text();
    return response.ok;
  } catch {
    // Not listening yet. The caller asks again until its deadline.
    return false;
  }
};

const watch = (child: ChildProcess): LocalAgent => {
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  // However this process ends, the agent must not be left over.
  const killNow = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killNow);
  return {
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(killNow, STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
};

export const startLocalAgent = async (options: LocalAgentOptions): Promise<StartedAgent> => {
  const port = (await tryPort(options.preferredPort)) ?? (await tryPort(0));
  if (port === undefined) return { ok: false, reason: `no port is free on ${HOST}` };
  const url = `http://${HOST}:${port}`;
  const child = spawn(
    process.execPath,
    [...agentNodeFlags, options.bundle, '--listen', `${HOST}:${port}`, '--log-level', 'warn'],
    // A group of its own: Ctrl-C in the terminal comes to this process, which ends it in order.
    { detached: true, env: cleanEnvironment(), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const agent = watch(child);
  let end: string | undefined;
  void agent.ended.then((how) => {
    end = how;
  });
  const deadline = performance.now() + START_MS;
  while (end === undefined && performance.now() < deadline) {
    if (await answers(url)) return { ok: true, url, port, agent };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await agent.stop();
  const why = end ?? `no answer within ${START_MS / 1000} s`;
  return { ok: false, reason: `the agent did not start: ${why}` };
};
