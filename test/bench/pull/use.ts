/** CPU and memory of a contender, its database apart from the rest. */
import { cpuBetween, readCpuTime, type CpuTime } from '../measure/cpu-time.ts';
import { readMemory } from '../measure/smaps.ts';

interface Processes {
  readonly pid: number;
  readonly serverPid: number | undefined;
}

export interface CpuMoment {
  readonly at: number;
  readonly all: CpuTime;
  readonly server: CpuTime | undefined;
}

export const readUse = ({ pid, serverPid }: Processes): CpuMoment => ({
  at: performance.now(),
  all: readCpuTime(pid),
  server: serverPid === undefined ? undefined : readCpuTime(serverPid),
});

/** Of one core. */
export interface CpuShares {
  readonly all: number;
  readonly server: number;
}

export const sharesBetween = (before: CpuMoment, after: CpuMoment): CpuShares => {
  const ms = after.at - before.at;
  const server =
    before.server === undefined || after.server === undefined
      ? 0
      : cpuBetween(before.server, after.server);
  return { all: cpuBetween(before.all, after.all) / ms, server: server / ms };
};

const TRIES = 5;

/** A server's process may end between being listed and being read. */
export const readProportional = (pid: number): number => {
  for (let tried = 1; ; tried += 1) {
    try {
      return readMemory(pid).proportionalBytes;
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
};
