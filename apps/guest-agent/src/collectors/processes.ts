/** Processes by state, from the shared table; at most ten seconds old. */
import { parseSingleNumber } from '@innkeeper/procfs';
import { cacheLabels } from '../exposition/labels.ts';
import type { ProcessSnapshot, ProcessTable } from '../processes/process-table.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import {
  collected,
  readParsed,
  unreadable,
  valueOf,
  type Collected,
} from '../sources/collected.ts';

export interface ProcessCounts {
  readonly snapshot: ProcessSnapshot;
  readonly maxProcesses: number | undefined;
  readonly maxThreads: number | undefined;
}

/** A scan costs more than the rest of a scrape; dashboards look at these by the minute. */
const PROCESS_MAX_AGE_MS = 10_000;

const stateLabel = cacheLabels((state: string) => ({ state }));

export const makeProcessesCollector = (
  kernel: KernelFiles,
  table: ProcessTable,
): Collector<ProcessCounts> => {
  const pidMax = kernel.proc('sys/kernel/pid_max', { whole: true });
  const threadsMax = kernel.proc('sys/kernel/threads-max', { whole: true });
  return {
    name: 'processes',
    collect: (): Collected<ProcessCounts> => {
      const snapshot = table.snapshot(PROCESS_MAX_AGE_MS);
      if (!snapshot.ok) return unreadable(snapshot.error);
      const maxProcesses = readParsed(pidMax, (text) => parseSingleNumber(text, 'pid_max'));
      const maxThreads = readParsed(threadsMax, (text) => parseSingleNumber(text, 'threads-max'));
      return collected({
        snapshot: snapshot.value,
        maxProcesses: valueOf(maxProcesses),
        maxThreads: valueOf(maxThreads),
      });
    },
    expose: ({ snapshot, maxProcesses, maxThreads }, out) => {
      out.family('node_processes_max_processes', 'gauge', 'Process ids that the kernel allows.');
      out.sample('', maxProcesses);
      out.family('node_processes_max_threads', 'gauge', 'Threads that the kernel allows.');
      out.sample('', maxThreads);
      out.family('node_processes_pids', 'gauge', 'Processes.');
      out.sample('', snapshot.processes.length);
      out.family('node_processes_state', 'gauge', 'Processes by state, as ps(1) names it.');
      for (const [state, count] of snapshot.byState) out.sample(stateLabel(state), count);
      out.family('node_processes_threads', 'gauge', 'Threads of all processes.');
      out.sample('', snapshot.threads);
    },
  };
};
