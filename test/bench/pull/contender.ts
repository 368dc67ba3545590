/** Who pulls a fleet, and what is asked of it while it does. */
import type { Fleet } from './plan.ts';

export type Key = 'ours' | 'ours-whole' | 'ours-tls' | 'prometheus';

export interface Counts {
  /** By the clock of the benchmark, in ms. */
  readonly at: number;
  readonly done: number;
  /** Pulls that brought nothing and turns without one, counted one by one; undefined: not told. */
  readonly missed: number | undefined;
  /** Share of the guests whose last pull brought nothing; counted as done all the same. */
  readonly failingShare: number;
}

export interface Puller {
  readonly pid: number;
  /** Of the database, where that is a process of its own below the first. */
  readonly serverPid: number | undefined;
  counts(): Promise<Counts>;
  assertAlive(): void;
  stop(): Promise<void>;
}

export interface Contender {
  readonly key: Key;
  readonly name: string;
  /** What the guests answer to it. */
  readonly isFarmOld: boolean;
  start(fleet: Fleet, farmPort: number): Promise<Puller>;
}
