/** Child processes, each the leader of a process group of its own so that a kill reaches the tree. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Outcome, ChildProcess, Processes, ProcessOptions } from '../platform.ts';
import { failure } from './failure.ts';

const signalGroup = (pid: number, name: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-pid, name);
  } catch (error) {
    // ESRCH: the group has ended by itself between the decision and the call, which is the goal.
    if (failure(error).error.code !== 'ESRCH') throw error;
  }
};

/** Some of what can be wrong with a command Node throws (E2BIG, a NUL), some it tells later (ENOENT). */
const start = ({ argv, cwd, env }: ProcessOptions): Outcome<ChildProcessWithoutNullStreams> => {
  const [file, ...rest] = argv;
  try {
    const value = spawn(file, rest, { cwd, env: { ...env }, detached: true, stdio: 'pipe' });
    return { ok: true, value };
  } catch (error) {
    return failure(error);
  }
};

export const nodeProcesses: Processes = {
  spawn: async (options, events) =>
    new Promise<Outcome<ChildProcess>>((resolve) => {
      const started = start(options);
      if (!started.ok) {
        resolve(started);
        return;
      }
      const child = started.value;
      child.once('error', (error) => resolve(failure(error)));
      child.stdout.on('data', (chunk: Buffer) => events.stdout(chunk));
      child.stderr.on('data', (chunk: Buffer) => events.stderr(chunk));
      // A program that does not read its input closes the pipe; that is its right.
      child.stdin.on('error', () => child.stdin.destroy());
      child.once('spawn', () => {
        const { pid } = child;
        if (pid === undefined) throw new Error(`spawned ${options.argv[0]} without a pid`);
        child.once('close', (code, signal) => events.exited({ code, signal }));
        child.stdin.end(options.stdin);
        resolve({ ok: true, value: { pid, signal: (name) => signalGroup(pid, name) } });
      });
    }),
};
