/** The section `runs` of docs/bench.md. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { ratios, spread } from '../report/statistics.ts';
import type { FanOutFigures, SshFanOutFigures } from './measure-fan-out.ts';
import type { Held, OutputFigures, SshOutputFigures } from './measure-output.ts';
import type { StartFigures } from './measure-starts.ts';
import type { Plan } from './plan.ts';

/** One run of the benchmark with one build of the agent. */
export interface BuildFigures {
  readonly name: string;
  readonly starts: readonly StartFigures[];
  readonly output: readonly OutputFigures[];
}

export interface SshFigures {
  readonly version: string;
  readonly starts: readonly StartFigures[];
  readonly keptStarts: readonly StartFigures[];
  readonly output: readonly SshOutputFigures[];
  readonly fanOut: readonly SshFanOutFigures[];
}

export interface Results {
  readonly plan: Plan;
  readonly builds: readonly BuildFigures[];
  readonly fanOut: readonly FanOutFigures[];
  /** A sentence where it cannot be had here. */
  readonly ssh: SshFigures | string;
}

const MB = 1e6;
const NONE = '–';

const figure = (values: readonly number[]): string => formatSpread(spread(values));

const formatStarts = ({ builds, ssh }: Results): string => {
  const p50 = (all: readonly StartFigures[]): number[] => all.map(({ p50Ms }) => p50Ms);
  const row = (name: string, all: readonly StartFigures[]): readonly string[] => [
    name,
    figure(p50(all)),
    figure(all.map(({ p99Ms }) => p99Ms)),
    typeof ssh === 'string' ? NONE : figure(ratios(p50(all), p50(ssh.starts))),
    typeof ssh === 'string' ? NONE : figure(ratios(p50(all), p50(ssh.keptStarts))),
  ];
  return formatTable(
    ['asked → first byte', 'p50 ms', 'p99 ms', 'p50, of ssh', 'p50, of ssh kept'],
    [
      ...builds.map(({ name, starts }) => row(`manager and agent, ${name}`, starts)),
      ...(typeof ssh === 'string'
        ? []
        : [row('ssh', ssh.starts), row('ssh, a kept connection', ssh.keptStarts)]),
    ],
  );
};

const formatOutput = ({ plan, builds, ssh }: Results): string => {
  const bytes = plan.outputBytes / MB;
  const seconds = (all: readonly { readonly seconds: number }[]): number[] =>
    all.map((one) => one.seconds);
  const rows = builds.map(({ name, output }) => [
    `manager and agent, ${name}`,
    figure(seconds(output).map((one) => bytes / one)),
    typeof ssh === 'string' ? NONE : figure(ratios(seconds(output), seconds(ssh.output))),
    figure(output.map(({ agentCpuMs }) => agentCpuMs / bytes)),
    figure(output.map(({ managerCpuMs }) => managerCpuMs / bytes)),
    figure(output.map(({ postgresCpuMs }) => postgresCpuMs / bytes)),
    figure(output.map(({ skipped }) => skipped)),
  ]);
  if (typeof ssh !== 'string') {
    const speed = figure(seconds(ssh.output).map((one) => bytes / one));
    const cpu = figure(ssh.output.map(({ serverCpuMs }) => serverCpuMs / bytes));
    rows.push(['ssh, nothing is stored', speed, '1.00', cpu, NONE, NONE, NONE]);
  }
  return formatTable(
    [
      `${formatNumber(bytes)} MB of output`,
      'MB/s',
      'time, of ssh',
      'in the guest, CPU ms per MB',
      'manager',
      'Postgres',
      'events left out for the viewer',
    ],
    rows,
  );
};

const formatHeld = ({ builds }: Results): string => {
  const row = (name: string, all: readonly Held[]): readonly string[] => [
    name,
    figure(all.map(({ beforeBytes }) => beforeBytes / MB)),
    figure(all.map(({ firstBytes }) => firstBytes / MB)),
    figure(all.map(({ secondBytes }) => secondBytes / MB)),
  ];
  return formatTable(
    ['heap and stacks during that, MB', 'before', 'the most, first half', 'the most, second half'],
    builds.flatMap(({ name, output }) => [
      row(
        `agent, ${name}`,
        output.map(({ agent }) => agent),
      ),
      row(
        'manager',
        output.map(({ manager }) => manager),
      ),
      row(
        'Postgres',
        output.map(({ postgres }) => postgres),
      ),
      row(
        'viewer',
        output.map(({ viewer }) => viewer),
      ),
    ]),
  );
};

const formatFanOut = ({ plan, fanOut, ssh }: Results): string => {
  const cpu = fanOut.map(({ cpuMsPerTarget }) => cpuMsPerTarget);
  const rows = [
    [
      'manager with its Postgres',
      figure(fanOut.map(({ begunMs }) => begunMs)),
      figure(fanOut.map(({ endedMs }) => endedMs)),
      figure(cpu),
    ],
  ];
  const text: string[] = [];
  if (typeof ssh !== 'string') {
    const theirs = ssh.fanOut.map(({ cpuMsPerTarget }) => cpuMsPerTarget);
    const ended = ssh.fanOut.map(({ endedMsPerTarget }) => endedMsPerTarget * plan.targets);
    rows.push(['`xargs -P 50 ssh`, its clients', NONE, `${figure(ended)}*`, figure(theirs)]);
    text.push(
      `**Manager / ssh:** CPU per target ${figure(ratios(cpu, theirs))}.`,
      `\\* From ${plan.sshTargets} targets, and with the work of all their sshds, which stand on the same machine here: compare the CPU.`,
    );
  }
  const head = [
    `one run, ${plan.targets} guests`,
    'asked → the last has begun, ms',
    'all ended, and a viewer knows, ms',
    'CPU ms per target',
  ];
  return [formatTable(head, rows), ...text].join('\n\n');
};

export const formatResults = (results: Results): string => {
  const { plan, ssh } = results;
  const whose = typeof ssh === 'string' ? `There is no ssh: ${ssh}` : `OpenSSH ${ssh.version}`;
  return [
    formatStarts(results),
    formatOutput(results),
    formatHeld(results),
    formatFanOut(results),
    `${plan.starts} commands one after the other for the first table, ${plan.sshStarts} over ssh. ${whose}.`,
  ].join('\n\n');
};
