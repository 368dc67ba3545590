/** The section `host` of docs/bench.md. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { median, spread } from '../report/statistics.ts';
import type { RunFigures } from './measure-run.ts';
import type { Plan } from './plan.ts';

export interface ScenarioFigures {
  readonly name: string;
  readonly runs: readonly RunFigures[];
}

const MIB = 1024 * 1024;

const HEAD = [
  'on the hypervisor',
  'CPU ms per call, one a second',
  'p50 ms',
  'p99 ms',
  'CPU ms per call, no pause',
  'p50 ms',
  'p99 ms',
  'CPU ms per second by itself',
  'answer KB',
  'PSS MiB before',
  'after',
];

const rowOf = ({ name, runs }: ScenarioFigures): readonly string[] => {
  const of = (figure: (run: RunFigures) => number): string =>
    formatSpread(spread(runs.map(figure)));
  const middle = (figure: (run: RunFigures) => number): string =>
    formatNumber(median(runs.map(figure)));
  return [
    name,
    of((run) => run.pacedCpuMsPerCall),
    middle((run) => run.pacedP50Ms),
    middle((run) => run.pacedP99Ms),
    of((run) => run.hotCpuMsPerCall),
    middle((run) => run.hotP50Ms),
    middle((run) => run.hotP99Ms),
    middle((run) => run.idleCpuMsPerSecond),
    middle((run) => run.bodyBytes / 1000),
    middle((run) => run.memoryBefore.proportionalBytes / MIB),
    middle((run) => run.memoryAfter.proportionalBytes / MIB),
  ];
};

export const formatHostSection = (plan: Plan, scenarios: readonly ScenarioFigures[]): string => {
  const table = formatTable(HEAD, scenarios.map(rowOf));
  return `${table}\n\n${plan.pacedCalls} calls of \`/metrics/process-stats\` one a second, then ${plan.hotCalls} without a pause, on one connection; memory after the first ${plan.warmUpCalls} calls and at the end. The VMMs are stand-ins with two vCPU threads and 4 MiB each, half of them QEMU and half Firecracker; "with metrics and QMP" they answer QMP and write metrics once a second, whose reading is in the figures. Without "PSS in each call" the agent reads it in every tenth.`;
};
