/** What was measured, as it goes into `--json` and the tables. */
import type { Key } from './contender.ts';
import type { Fleet } from './plan.ts';

/** One contender with one fleet in one run. */
export interface PullFigures {
  /** CPU of all its processes, in µs. */
  readonly cpuUsPerPull: number;
  /** Of these, its database's. */
  readonly serverCpuUsPerPull: number;
  readonly pullsPerSecond: number;
  /** Of the pulls that there should have been. */
  readonly missedShare: number;
  /** Shared pages divided by those who share them. */
  readonly memoryBytes: number;
  readonly serverMemoryBytes: number;
  /** Of one core. */
  readonly farmCpuShare: number;
}

export interface Lateness {
  /** Upper bounds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface FleetFigures {
  readonly fleet: Fleet;
  readonly contenders: readonly {
    readonly key: Key;
    readonly name: string;
    readonly runs: readonly PullFigures[];
  }[];
}

/** The manager alone. */
export interface LoadFigures extends Lateness {
  readonly fleet: Fleet;
  /** Good pulls of those that the guests who are well should have had. */
  readonly wellShare: number;
  readonly missedShare: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly leftOut: Readonly<Record<string, number>>;
  readonly pullsPerSecond: number;
  /** Each of one core. */
  readonly nodeCpuShare: number;
  readonly serverCpuShare: number;
  readonly farmCpuShare: number;
  readonly memoryBytes: number;
}

export interface FanOutFigures {
  readonly sockets: number;
  readonly guests: number;
  readonly cpuUsPerFrame: number;
  readonly framesPerSecond: number;
  readonly frameBytes: number;
  readonly dropped: number;
  /** As counted by the clients. */
  readonly received: number;
}
