/** What was measured, as it goes into `--json` and the tables. */

import type { MemoryUse } from '../measure/smaps.ts';
import type { Key } from './contender.ts';
import type { Body } from './exposition.ts';

export interface Idle {
  readonly memory: MemoryUse;
  readonly cpuMsPerSecond: number;
}

/** One phase of scrapes. */
export interface Scraped {
  readonly scrapes: number;
  readonly cpuMsPerScrape: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** Right after the last one. */
  readonly memory: MemoryUse;
}

/** One agent in one run. */
export interface RunFigures {
  /** Each start of the run: process started to first answer. */
  readonly startMs: readonly number[];
  /** The same with its files dropped from the page cache; undefined where that cannot be done. */
  readonly coldStartMs: number | undefined;
  readonly body: Body;
  readonly paced: Scraped;
  readonly hot: Scraped;
  /** Only of those that are measured in full. */
  readonly idle: Idle | undefined;
  /** Some seconds after the last hot scrape. */
  readonly memoryLater: MemoryUse | undefined;
}

export interface AgentFigures {
  readonly key: Key;
  readonly name: string;
  readonly runs: readonly RunFigures[];
}

/** One agent streaming the journal once. */
export interface LogRun {
  readonly entriesPerSecond: number;
  readonly cpuMicrosecondsPerEntry: number;
  /** Right after the last entry. */
  readonly memory: MemoryUse;
}

/** Commands through one agent. */
export interface ExecRun {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface ExecFigures {
  readonly name: string;
  readonly runs: readonly ExecRun[];
}

export interface LogFigures {
  readonly name: string;
  readonly runs: readonly LogRun[];
}

export interface FileSize {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}
