/**
 * Child processes, each the leader of a session and process group of its own so that a kill reaches
 * the tree. Their standard streams are sockets here, which is Node's way: a program cannot open
 * /dev/stdout anew. Node drops all supplementary groups when it changes the user.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type {
  ChildProcess,
  Outcome,
  Processes,
  ProcessEvents,
  ProcessOptions,
  StopSignal,
} from '../platform.ts';
import { failure } from './failure.ts';

const signalGroup = (pid: number, name: StopSignal): void => {
  try {
    process.kill(-pid, name);
  } catch (error) {
    const { code } = failure(error).error;
    // ESRCH: the group has ended by itself between the decision and the call, which is the goal.
    // EPERM: all that is left of it has become another user, whom the agent may not signal.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
};

const signalOne = (pid: number, name: StopSignal): void => {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH, EPERM: it has ended, or is not the agent's to end.
  }
};

/** Some of what can be wrong with a command Node throws (E2BIG, a NUL), some it tells later (ENOENT). */
const start = ({
  argv,
  cwd,
  env,
  user,
}: ProcessOptions): Outcome<ChildProcessWithoutNullStreams> => {
  const [file, ...rest] = argv;
  try {
    const value = spawn(file, rest, {
      cwd,
      env: { ...env },
      detached: true,
      stdio: 'pipe',
      ...(user !== undefined && { uid: user.uid, gid: user.gid }),
    });
    return { ok: true, value };
  } catch (error) {
    return failure(error);
  }
};

const handleOf = (child: ChildProcessWithoutNullStreams, pid: number): ChildProcess => {
  const outputs = [child.stdout, child.stderr];
  return {
    pid,
    signal: (name) => signalGroup(pid, name),
    pauseOutput: () => {
      for (const output of outputs) output.pause();
    },
    resumeOutput: () => {
      for (const output of outputs) output.resume();
    },
    closeOutput: () => {
      for (const output of outputs) output.destroy();
    },
  };
};

const attach = (child: ChildProcessWithoutNullStreams, events: ProcessEvents): void => {
  child.stdout.on('data', (chunk: Buffer) => events.stdout(chunk));
  child.stderr.on('data', (chunk: Buffer) => events.stderr(chunk));
  // A program that does not read its input closes the pipe; that is its right.
  child.stdin.on('error', () => child.stdin.destroy());
  for (const output of [child.stdout, child.stderr]) output.on('error', () => output.destroy());
};

export const nodeProcesses: Processes = {
  signal: signalOne,
  spawn: async (options, events) =>
    new Promise<Outcome<ChildProcess>>((resolve) => {
      const started = start(options);
      if (!started.ok) {
        resolve(started);
        return;
      }
      const child = started.value;
      child.once('error', (error) => resolve(failure(error)));
      attach(child, events);
      child.once('spawn', () => {
        const { pid } = child;
        if (pid === undefined) throw new Error(`spawned ${options.argv[0]} without a pid`);
        child.once('exit', (code, signal) => events.ended?.({ code, signal }));
        child.once('close', (code, signal) => events.exited({ code, signal }));
        child.stdin.end(options.stdin);
        resolve({ ok: true, value: handleOf(child, pid) });
      });
    }),
};
