/** The section of docs/bench.md about agents. */

import type { MemoryUse } from '../measure/smaps.ts';
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { ratios, spread } from '../report/statistics.ts';
import type { Absent, Key } from './contender.ts';
import type { AgentFigures, ExecFigures, FileSize, LogRun, RunFigures } from './figures.ts';
import type { MeasuredLogs } from './logs.ts';
import type { Plan } from './plan.ts';

export interface AgentResults {
  readonly plan: Plan;
  readonly collectors: readonly string[];
  readonly agents: readonly AgentFigures[];
  readonly absent: readonly Absent[];
  readonly files: readonly FileSize[];
  readonly logs: MeasuredLogs;
  readonly exec: readonly ExecFigures[];
}

type Figure = (run: RunFigures) => number | undefined;

/** A figure that one run lacks is lacking. */
const valuesOf = ({ runs }: AgentFigures, figure: Figure): number[] | undefined => {
  const values = runs.map((run) => figure(run));
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length && known.length > 0 ? known : undefined;
};

const count = (value: number): string => value.toLocaleString('en-US');

const cell = (agent: AgentFigures, figure: Figure): string => {
  const values = valuesOf(agent, figure);
  return values === undefined ? '–' : formatSpread(spread(values));
};

type Columns = readonly (readonly [head: string, figure: Figure])[];

const tableOf = (agents: readonly AgentFigures[], columns: Columns): string =>
  formatTable(
    ['agent', ...columns.map(([head]) => head)],
    agents.map((agent) => [agent.name, ...columns.map(([, figure]) => cell(agent, figure))]),
  );

const scrapeColumns = (plan: Plan, pacedScrapes: number): Columns => [
  [`CPU per scrape, ${pacedScrapes} at 1/s`, ({ paced }) => paced.cpuMsPerScrape],
  [`CPU per scrape, ${count(plan.hotScrapes)} in a row`, ({ hot }) => hot.cpuMsPerScrape],
  ['latency at 1/s, p50', ({ paced }) => paced.latencyP50Ms],
  ['p99', ({ paced }) => paced.latencyP99Ms],
  ['latency in a row, p50', ({ hot }) => hot.latencyP50Ms],
  ['p99', ({ hot }) => hot.latencyP99Ms],
];

const idleColumn: Columns = [
  ['CPU per second without scrapes', ({ idle }) => idle?.cpuMsPerSecond],
];

const formatScrapes = (agents: readonly AgentFigures[], columns: Columns): string =>
  `Milliseconds.\n\n${tableOf(agents, columns)}`;

const kinds: readonly (readonly [title: string, of: (use: MemoryUse) => number])[] = [
  ['Resident', (use) => use.residentBytes],
  ['Private', (use) => use.privateBytes],
  ['Proportional', (use) => use.proportionalBytes],
  ['Anonymous', (use) => use.anonymousBytes],
];

const memoryColumns = (plan: Plan, of: (use: MemoryUse) => number): Columns => {
  const megabytes = (use: MemoryUse | undefined): number | undefined =>
    use === undefined ? undefined : of(use) / 1e6;
  return [
    [`idle for ${plan.idleMs / 1000} s`, ({ idle }) => megabytes(idle?.memory)],
    [`after ${plan.pacedScrapes} scrapes at 1/s`, ({ paced }) => megabytes(paced.memory)],
    [`after ${count(plan.hotScrapes)} in a row`, ({ hot }) => megabytes(hot.memory)],
    [`${plan.afterMs / 1000} s later`, ({ memoryLater }) => megabytes(memoryLater)],
  ];
};

const formatMemory = (agents: readonly AgentFigures[], plan: Plan): string =>
  kinds
    .map(([title, of]) => `${title}, MB:\n\n${tableOf(agents, memoryColumns(plan, of))}`)
    .join('\n\n');

/** Every start of every run, where the other figures have one value per run. */
const formatStarts = (agents: readonly AgentFigures[]): string =>
  formatTable(
    ['agent', 'start to first answer, ms', 'starts', 'not in the page cache, ms'],
    agents.map((agent) => {
      const starts = agent.runs.flatMap(({ startMs }) => startMs);
      const cold = cell(agent, ({ coldStartMs }) => coldStartMs);
      return [agent.name, formatSpread(spread(starts)), String(starts.length), cold];
    }),
  );

const formatExec = (agents: readonly ExecFigures[]): string =>
  formatTable(
    ['agent', '`POST /exec` of `true`, ms, p50', 'p99'],
    agents.map(({ name, runs }) => [
      name,
      formatSpread(spread(runs.map(({ p50Ms }) => p50Ms))),
      formatSpread(spread(runs.map(({ p99Ms }) => p99Ms))),
    ]),
  );

const formatBodies = (agents: readonly AgentFigures[]): string =>
  tableOf(agents, [
    ['series', ({ body }) => body.series],
    ['of these `node_*`', ({ body }) => body.nodeSeries],
    ['kB', ({ body }) => body.bytes / 1000],
  ]);

const formatFiles = (files: readonly FileSize[]): string =>
  formatTable(
    ['file', 'MB', 'gzip, MB'],
    files.map(({ name, bytes, gzipBytes }) => [
      name,
      formatNumber(bytes / 1e6),
      formatNumber(gzipBytes / 1e6),
    ]),
  );

const logColumns: readonly (readonly [head: string, of: (run: LogRun) => number])[] = [
  ['entries a second', ({ entriesPerSecond }) => entriesPerSecond],
  ['CPU per entry, µs', ({ cpuMicrosecondsPerEntry }) => cpuMicrosecondsPerEntry],
  ['resident after it, MB', ({ memory }) => memory.residentBytes / 1e6],
];

const formatLogs = (logs: MeasuredLogs): string => {
  if (!logs.ok) return 'Not measured: systemd-journal-remote is not to be had on this machine.';
  const table = formatTable(
    ['agent', ...logColumns.map(([head]) => head)],
    logs.agents.map(({ name, runs }) => [
      name,
      ...logColumns.map(([, of]) => formatSpread(spread(runs.map((run) => of(run))))),
    ]),
  );
  return `${count(logs.entries)} entries of 12 fields, from the file to one client.\n\n${table}`;
};

const ratioLine = (
  results: AgentResults,
  what: string,
  [ourKey, theirKey]: readonly [Key, Key],
  figures: Columns,
): string | undefined => {
  const ours = results.agents.find(({ key }) => key === ourKey);
  const theirs = results.agents.find(({ key }) => key === theirKey);
  if (ours === undefined || theirs === undefined) return undefined;
  const parts = figures.flatMap(([name, figure]) => {
    const [left, right] = [valuesOf(ours, figure), valuesOf(theirs, figure)];
    if (left === undefined || right === undefined) return [];
    return [`${name} ${formatSpread(spread(ratios(left, right)))}`];
  });
  return `**${ourKey.startsWith('native') ? 'Native' : 'On Node'} / node_exporter, ${what}:** ${parts.join(', ')}.`;
};

const cpuRatios: Columns = [
  ['CPU at 1/s', ({ paced }) => paced.cpuMsPerScrape],
  ['CPU in a row', ({ hot }) => hot.cpuMsPerScrape],
];

const isPair = ({ key }: AgentFigures): boolean => key.endsWith('-no-processes');

export const formatAgentSection = (results: AgentResults): string => {
  const { plan, collectors, agents, absent, files } = results;
  const whole = agents.filter((agent) => !isPair(agent));
  const pair = agents.filter((agent) => isPair(agent));
  const blocks: (string | undefined)[] = [
    ...absent.map(({ name, what }) => `Not measured: ${name} ${what}.`),
    '### CPU and latency',
    formatScrapes(whole, [...scrapeColumns(plan, plan.pacedScrapes), ...idleColumn]),
    ...(['native', 'ours'] as const).map((key) =>
      ratioLine(
        results,
        'the same collectors',
        [key, 'node-exporter-equal'],
        [
          ...cpuRatios,
          [
            `resident after ${count(plan.hotScrapes)} in a row`,
            ({ hot }) => hot.memory.residentBytes,
          ],
        ],
      ),
    ),
    '### Without the `processes` collector',
    formatScrapes(pair, scrapeColumns(plan, plan.pacedScrapesOfPair)),
    ...(['native-no-processes', 'ours-no-processes'] as const).map((key) =>
      ratioLine(
        results,
        'the same collectors without `processes`',
        [key, 'node-exporter-no-processes'],
        cpuRatios,
      ),
    ),
    '### Memory',
    formatMemory(whole, plan),
    '### Start',
    formatStarts(whole),
    '### Logs',
    formatLogs(results.logs),
    '### Commands',
    formatExec(results.exec),
    '### Equal work',
    formatBodies(agents),
    `The ${collectors.length} collectors: ${collectors.join(', ')}.`,
    '### On disk',
    formatFiles(files),
  ];
  return blocks.filter((block) => block !== undefined).join('\n\n');
};
