/**
 * Starts a process and holds back what it says until its start has been told: a quick command has
 * printed and ended before the platform says that it has started.
 */
import type {
  ChildProcess,
  Done,
  ProcessEnd,
  Processes,
  ProcessOptions,
} from '../platform/platform.ts';

export interface OrderedEvents {
  /** Comes first, and only where the process has been started. */
  started(child: ChildProcess): void;
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  ended(end: ProcessEnd): void;
  exited(end: ProcessEnd): void;
}

export const spawnInOrder = async (
  processes: Pick<Processes, 'spawn'>,
  options: ProcessOptions,
  events: OrderedEvents,
): Promise<Done> => {
  let held: (() => void)[] | undefined = [];
  const inOrder = (act: () => void): void => {
    if (held === undefined) act();
    else held.push(act);
  };
  const output = (stream: 'stdout' | 'stderr', chunk: Uint8Array): void => {
    // The platform may use the chunk's memory again.
    const bytes = held === undefined ? chunk : chunk.slice();
    inOrder(() => events.output(stream, bytes));
  };
  const outcome = await processes.spawn(options, {
    stdout: (chunk) => output('stdout', chunk),
    stderr: (chunk) => output('stderr', chunk),
    ended: (end) => inOrder(() => events.ended(end)),
    exited: (end) => inOrder(() => events.exited(end)),
  });
  if (!outcome.ok) return outcome;
  events.started(outcome.value);
  const waiting = held;
  held = undefined;
  for (const act of waiting) act();
  return { ok: true, value: undefined };
};
