/** Child processes, each the leader of a process group of its own so that a kill reaches the tree. */
import type {
  ChildProcess,
  Outcome,
  ProcessEnd,
  Processes,
  ProcessEvents,
  ProcessOptions,
} from '../platform.ts';
import type { EventLoop } from './event-loop.ts';
import { failure, succeed } from './failure.ts';
import { signalName, signalNumber, type Signals } from './signals.ts';
import { openStream } from './stream.ts';

const READS = { reads: true, aside: true, halfOpen: false, shutdown: false };
const WRITES = { reads: false, aside: true, halfOpen: true, shutdown: false };
/** The agent's own. */
const SAME_USER = -1;

const nothing = (): void => undefined;

interface Child {
  end: ProcessEnd | undefined;
  openPipes: number;
  readonly events: ProcessEvents;
}

export const makeProcesses = (loop: EventLoop, signals: Signals): Processes => {
  const children = new Map<number, Child>();

  const finish = ({ end, openPipes, events }: Child): void => {
    if (end !== undefined && openPipes === 0) events.exited(end);
  };

  signals.onSignal((name) => {
    if (name !== 'SIGCHLD') return;
    // One signal may stand for several ends.
    for (const [pid, child] of children) {
      const status = native.reap(pid);
      if (status !== undefined) {
        children.delete(pid);
        const [code, signal] = status;
        const end =
          signal === 0 ? { code, signal: null } : { code: null, signal: signalName(signal) };
        child.end = end;
        child.events.ended?.(end);
        finish(child);
      }
    }
  });

  const start = (
    { argv, cwd, env, stdin, user }: ProcessOptions,
    events: ProcessEvents,
  ): Outcome<ChildProcess> => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const spawned = native.spawn(
      argv,
      variables,
      cwd,
      user?.uid ?? SAME_USER,
      user?.gid ?? SAME_USER,
    );
    if (typeof spawned === 'number') return failure(spawned, `spawn ${argv[0]}`);
    const [pid, input, output, errors] = spawned;
    const child: Child = { end: undefined, openPipes: 2, events };
    children.set(pid, child);

    const closed = (): void => {
      child.openPipes -= 1;
      finish(child);
    };
    const readEvents = (data: (chunk: Uint8Array) => void) => ({
      data,
      ended: nothing,
      drained: nothing,
      closed,
    });
    const out = readEvents((chunk) => events.stdout(chunk));
    const err = readEvents((chunk) => events.stderr(chunk));
    const outputs = [openStream(loop, output, READS, out), openStream(loop, errors, READS, err)];
    // A program that does not read its input closes the pipe; that is its right.
    const writer = openStream(loop, input, WRITES, {
      data: nothing,
      ended: nothing,
      drained: nothing,
      closed: nothing,
    });
    if (stdin !== undefined) writer.write(stdin);
    writer.end();
    return succeed({
      pid,
      // The group may have ended by itself between the decision and the call, which is the goal.
      signal: (name) => void native.kill(-pid, signalNumber(name)),
      pauseOutput: () => {
        for (const stream of outputs) stream.pause();
      },
      resumeOutput: () => {
        for (const stream of outputs) stream.resume();
      },
      closeOutput: () => {
        for (const stream of outputs) stream.destroy();
      },
    });
  };

  return {
    spawn: async (options, events) => start(options, events),
    signal: (pid, name) => void native.kill(pid, signalNumber(name)),
  };
};
