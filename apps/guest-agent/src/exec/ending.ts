/** How an execution is made to end: TERM to all of its processes, and KILL to what is left 3 s later. */
import type { Cancel, ChildProcess, Platform, StopSignal } from '../platform/platform.ts';
import { findMarked } from './marked-processes.ts';

export interface Ending {
  /** Once; it does nothing the second time. */
  begin(): void;
  /** Where it has begun before there was a process: the TERM is now. */
  attach(child: ChildProcess): void;
  hasBegun(): boolean;
  /** The KILL is still to come. */
  isDue(): boolean;
  /** The KILL now, if it is still to come. */
  hurry(): void;
}

export const KILL_AFTER_MS = 3_000;

export const makeEnding = (
  platform: Pick<Platform, 'processes' | 'clock' | 'files' | 'machine'>,
  id: string,
): Ending => {
  let child: ChildProcess | undefined;
  let hasBegun = false;
  let isDue = false;
  let cancel: Cancel = () => undefined;

  const signalAll = (name: StopSignal): void => {
    if (child === undefined) return;
    child.signal(name);
    for (const pid of findMarked(platform, id, child.pid)) platform.processes.signal(pid, name);
  };

  const hurry = (): void => {
    cancel();
    if (isDue) signalAll('SIGKILL');
    isDue = false;
  };

  return {
    begin: () => {
      if (hasBegun) return;
      hasBegun = true;
      isDue = true;
      signalAll('SIGTERM');
      cancel = platform.clock.after(KILL_AFTER_MS, hurry);
    },
    attach: (given) => {
      child = given;
      if (hasBegun) signalAll('SIGTERM');
    },
    hasBegun: () => hasBegun,
    isDue: () => isDue,
    hurry,
  };
};
