/**
 * This machine's own agent: a child process in a group of its own, so that Ctrl-C in a terminal
 * comes to the manager, which ends it in order. Started again when it ends, ever less often while
 * it keeps ending.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { hostAgentNodeFlags } from './agent-node-flags.ts';
import { findLeftOver } from './left-over.ts';

export interface LocalAgentDependencies {
  /** `guest-agent.mjs`, which is run on Node, or the native binary. */
  readonly program: string;
  readonly configPath: string;
  readonly nodePath: string;
  /** What the child inherits: PATH and the like, nothing that is meant for the manager. */
  readonly environment: Readonly<Record<string, string>>;
  /** The agent of a manager that was killed, to be kept: see adoptable-agent.ts. */
  readonly adopted: number | undefined;
  readonly log: Log;
  readonly monotonicMs: () => number;
}

export interface LocalAgent {
  /** Undefined between two lives. */
  pid(): number | undefined;
  restarts(): number;
  stop(): Promise<void>;
}

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
/** An agent that has lived this long had no trouble starting. */
const SETTLED_MS = 60_000;
/** The agent gives requests four seconds to finish. */
const STOP_MS = 5_000;
const MAX_LINE = 1_000;
/** sysexits(3): its configuration is wrong, and starting it again would change nothing. */
const EXIT_CONFIG = 78;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

const endOf = async (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });

/** The agent logs JSON lines; what it says is passed on as it is, shortened. */
const passOn = (child: ChildProcess, log: Log): void => {
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) log.warn('local agent says', { line: line.slice(0, MAX_LINE) });
  });
};

/** How long a process may take to be gone once it was killed. */
const GONE_MS = 2_000;
const LOOK_MS = 20;
/** How often it is looked whether an agent that is no child of ours still lives. */
const ALIVE_MS = 1_000;

const killLeftOver = async ({
  configPath,
  adopted,
  log,
  monotonicMs,
}: LocalAgentDependencies): Promise<void> => {
  const others = (): readonly number[] => findLeftOver(configPath).filter((pid) => pid !== adopted);
  for (const pid of others()) {
    try {
      process.kill(pid, 'SIGKILL');
      log.warn('ended the agent of a manager that was killed', { pid });
    } catch (error) {
      log.warn('cannot end the agent of a manager that was killed', { pid, error });
    }
  }
  // The new one is to find its port and its place free.
  const until = monotonicMs() + GONE_MS;
  while (others().length > 0 && monotonicMs() < until) await sleep(LOOK_MS);
};

const commandOf = (program: string, nodePath: string): readonly [string, ...string[]] =>
  program.endsWith('.mjs') ? [nodePath, ...hostAgentNodeFlags, program] : [program];

export const startLocalAgent = (dependencies: LocalAgentDependencies): LocalAgent => {
  const { program, configPath, nodePath, environment, log, monotonicMs } = dependencies;
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let { adopted } = dependencies;
  let restarts = 0;

  const isThere = (pid: number): boolean => findLeftOver(configPath).includes(pid);
  const send = (name: NodeJS.Signals): void => {
    child?.kill(name);
    // It may have ended, and another have its number.
    if (adopted !== undefined && isThere(adopted)) process.kill(adopted, name);
  };
  const killNow = (): void => send('SIGKILL');
  // However this process ends, the agent must not be left over.
  process.once('exit', killNow);

  const [file, ...args] = commandOf(program, nodePath);
  const liveOnce = async (): Promise<Ended> => {
    child = spawn(file, [...args, '--config', configPath], {
      detached: true,
      env: { ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    passOn(child, log);
    const ended = await endOf(child);
    child = undefined;
    return ended;
  };

  const supervise = async (): Promise<void> => {
    await killLeftOver(dependencies);
    if (adopted !== undefined) log.info('goes on with the agent of before', { pid: adopted });
    while (adopted !== undefined && isThere(adopted)) {
      const isStopping = stopping.signal.aborted;
      const unlessStopping = isStopping ? {} : { signal: stopping.signal };
      await sleep(isStopping ? LOOK_MS : ALIVE_MS, undefined, unlessStopping).catch(
        () => undefined,
      );
    }
    adopted = undefined;
    let delayMs = FIRST_DELAY_MS;
    while (!stopping.signal.aborted) {
      const startedAt = monotonicMs();
      const { code, signal, error } = await liveOnce();
      if (stopping.signal.aborted) return;
      if (code === EXIT_CONFIG) {
        log.error('the local agent refuses its configuration', { path: configPath });
        return;
      }
      if (monotonicMs() - startedAt >= SETTLED_MS) delayMs = FIRST_DELAY_MS;
      log.warn('the local agent ended, starting it again', {
        code,
        signal,
        error,
        delay_ms: delayMs,
      });
      restarts += 1;
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
    }
  };

  const supervised = supervise();
  return {
    pid: () => adopted ?? child?.pid,
    restarts: () => restarts,
    stop: async () => {
      stopping.abort();
      send('SIGTERM');
      const timer = setTimeout(killNow, STOP_MS);
      await supervised;
      clearTimeout(timer);
      process.removeListener('exit', killNow);
    },
  };
};
