/** Programs under measurement: each in a process group of its own, none of which is left behind. */

import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { endGroup, signalGroup } from '../../run/process-group.ts';

export interface Child {
  readonly pid: number;
  readonly startedAt: number;
  /** "it ended with code 1; it said: …" */
  obituary(): string | undefined;
  stop(): Promise<void>;
}

export interface Children {
  start(command: readonly string[]): Child;
  stopAll(): Promise<void>;
}

/** The agents stop within milliseconds; what an init system would wait is no matter here. */
const STOP_MS = 5_000;
const GROUP_MS = 500;
/** What a program says before it ends badly is at the end. */
const MAX_OUTPUT = 4_000;

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

const startChild = (command: readonly string[]): Child => {
  const [file = '', ...args] = command;
  const startedAt = performance.now();
  const spawned = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    // Nothing of the environment, such as NODE_OPTIONS, GOGC or LD_PRELOAD, may take part.
    env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  });
  let output = '';
  for (const stream of [spawned.stdout, spawned.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT);
    });
  }
  let failure: Error | undefined;
  spawned.once('error', (error) => {
    failure = error;
  });
  const ended = new Promise<void>((settle) => {
    spawned.once('exit', () => settle());
    spawned.once('error', () => settle());
  });
  const pid = spawned.pid ?? 0;
  return {
    pid,
    startedAt,
    obituary: () => {
      if (failure !== undefined) return `it could not be started: ${failure.message}`;
      if (!hasEnded(spawned)) return undefined;
      const how = spawned.signalCode ?? `code ${spawned.exitCode}`;
      return `it ended with ${how}; it said: ${output.trim()}`;
    },
    stop: async () => {
      if (pid === 0) return;
      signalGroup(pid, 'SIGTERM');
      const deadline = new AbortController();
      await Promise.race([
        ended,
        sleep(STOP_MS, undefined, { signal: deadline.signal }).catch(() => undefined),
      ]);
      deadline.abort();
      await endGroup(pid, GROUP_MS);
      await ended;
    },
  };
};

export const makeChildren = (): Children => {
  const running = new Set<Child>();
  process.once('exit', () => {
    for (const { pid } of running) signalGroup(pid, 'SIGKILL');
  });
  return {
    start: (command) => {
      const child = startChild(command);
      if (child.pid === 0) return child;
      const tracked: Child = {
        ...child,
        stop: async () => {
          await child.stop();
          running.delete(tracked);
        },
      };
      running.add(tracked);
      return tracked;
    },
    stopAll: async () => {
      await Promise.all([...running].map(async (child) => await child.stop()));
    },
  };
};
