/** The section `pull` of docs/bench.md. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { median, ratios, spread } from '../report/statistics.ts';
import type { Key } from './contender.ts';
import type { FanOutFigures, FleetFigures, LoadFigures, PullFigures } from './figures.ts';
import type { Fleet, Plan } from './plan.ts';
import { holds } from './search.ts';

export interface PullResults {
  readonly plan: Plan;
  /** Why Prometheus is not there. */
  readonly absent: string | undefined;
  readonly fleets: readonly FleetFigures[];
  /** By fleet, every run: the manager alone, without and with guests that are ill. */
  readonly loads: readonly { readonly name: string; readonly runs: readonly LoadFigures[] }[];
  readonly searches: readonly (readonly LoadFigures[])[];
  readonly fanOut: readonly FanOutFigures[];
  readonly cores: number;
}

const MB = 1e6;
/** A thread that does one thing at a time is busy all the time well before this. */
const BUSY = 0.95;

const count = (value: number): string => value.toLocaleString('en-US');
const percent = (share: number): string => `${formatNumber(share * 100)} %`;
const nameOf = ({ guests, intervalMs }: Fleet): string =>
  `${count(guests)} guests each ${intervalMs === 1_000 ? 'second' : `${intervalMs / 1_000} s`}`;

const PULL_HEAD = [
  'who pulls',
  'CPU ms per 1,000 pulls',
  'of that Postgres',
  'pulls a second',
  'missed',
  'memory, MB',
  'of that Postgres',
  'farm, of a core',
];

const pullRow = (name: string, runs: readonly PullFigures[]): string[] => {
  const of = (figure: (run: PullFigures) => number): string =>
    formatSpread(spread(runs.map(figure)));
  const middle = (figure: (run: PullFigures) => number): number => median(runs.map(figure));
  const server = middle((run) => run.serverCpuUsPerPull);
  return [
    name,
    of((run) => run.cpuUsPerPull),
    server === 0 ? '' : formatNumber(server),
    formatNumber(middle((run) => run.pullsPerSecond)),
    percent(middle((run) => run.missedShare)),
    of((run) => run.memoryBytes / MB),
    server === 0 ? '' : formatNumber(middle((run) => run.serverMemoryBytes / MB)),
    percent(middle((run) => run.farmCpuShare)),
  ];
};

const runsOf = ({ contenders }: FleetFigures, key: Key): readonly PullFigures[] | undefined =>
  contenders.find((one) => one.key === key)?.runs;

const ratioOf = (
  ours: readonly PullFigures[],
  theirs: readonly PullFigures[],
  figure: (run: PullFigures) => number,
): string => formatSpread(spread(ratios(ours.map(figure), theirs.map(figure))));

/** What encryption costs the manager. */
const tlsLine = (figures: FleetFigures): string | undefined => {
  const [encrypted, plain] = [runsOf(figures, 'ours-tls'), runsOf(figures, 'ours')];
  if (encrypted === undefined || plain === undefined) return undefined;
  const cpu = ratioOf(encrypted, plain, (run) => run.cpuUsPerPull);
  const memory = ratioOf(encrypted, plain, (run) => run.memoryBytes);
  return `**TLS / plain**: CPU ${cpu}, memory ${memory}.`;
};

const ratioLine = (figures: FleetFigures): string | undefined => {
  const theirs = runsOf(figures, 'prometheus');
  if (theirs === undefined) return undefined;
  const parts = (['ours', 'ours-whole'] as const).flatMap((key) => {
    const ours = runsOf(figures, key);
    if (ours === undefined) return [];
    const cpu = ratioOf(ours, theirs, (run) => run.cpuUsPerPull);
    const memory = ratioOf(ours, theirs, (run) => run.memoryBytes);
    return [`${key === 'ours' ? 'compact' : 'whole samples'}: CPU ${cpu}, memory ${memory}`];
  });
  return `**Ours / Prometheus**, ${parts.join('; ')}.`;
};

const formatFleet = (figures: FleetFigures): string =>
  [
    `### ${nameOf(figures.fleet)}`,
    formatTable(
      PULL_HEAD,
      figures.contenders.map(({ name, runs }) => pullRow(name, runs)),
    ),
    ratioLine(figures),
    tlsLine(figures),
  ]
    .filter((block) => block !== undefined)
    .join('\n\n');

const wordsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, number]) => `${name.replaceAll('_', ' ')} ${count(number)}`)
    .join(', ');

const formatLoads = (loads: PullResults['loads']): string =>
  formatTable(
    [
      'guests',
      'late by at most, p50, ms',
      'p99, ms',
      'pulls of those who are well',
      'pulls that failed, last run',
      'turns left out, last run',
    ],
    loads.map(({ name, runs }) => {
      const worst = (figure: (run: LoadFigures) => number): string =>
        formatNumber(Math.max(...runs.map(figure)));
      const last = runs.at(-1);
      return [
        name,
        worst((run) => run.p50Ms),
        worst((run) => run.p99Ms),
        percent(median(runs.map((run) => run.wellShare))),
        wordsOf(last?.failures ?? {}),
        wordsOf(last?.leftOut ?? {}),
      ];
    }),
  );

const verdictOf = (one: LoadFigures, cores: number): string => {
  if (holds(one)) return 'held';
  const all = one.nodeCpuShare + one.serverCpuShare + one.farmCpuShare;
  if (one.nodeCpuShare >= BUSY) return 'too many: the thread of the manager is always busy';
  if (all >= BUSY * cores) return 'too many: the machine is busy, the farm included';
  return 'too many';
};

const formatSearch = (searches: PullResults['searches'], cores: number): string =>
  formatTable(
    [
      'fleet',
      'p99 late, ms',
      'missed',
      'manager, of a core',
      'Postgres',
      'farm',
      'memory, MB',
      'verdict',
    ],
    searches
      .flat()
      .map((one) => [
        nameOf(one.fleet),
        `≤ ${formatNumber(one.p99Ms)}`,
        percent(one.missedShare),
        percent(one.nodeCpuShare),
        percent(one.serverCpuShare),
        percent(one.farmCpuShare),
        formatNumber(one.memoryBytes / MB),
        verdictOf(one, cores),
      ]),
  );

const groupBySockets = (fanOut: readonly FanOutFigures[]): Map<number, FanOutFigures[]> => {
  const groups = new Map<number, FanOutFigures[]>();
  for (const one of fanOut) {
    groups.set(one.sockets, [...(groups.get(one.sockets) ?? []), one]);
  }
  return groups;
};

const formatFanOut = (fanOut: readonly FanOutFigures[]): string => {
  return formatTable(
    ['browsers', 'CPU µs per frame', 'frames a second', 'kB a frame', 'dropped'],
    [...groupBySockets(fanOut)].map(([sockets, runs]) => [
      count(sockets),
      formatSpread(spread(runs.map((run) => run.cpuUsPerFrame))),
      formatNumber(median(runs.map((run) => run.framesPerSecond))),
      formatNumber(median(runs.map((run) => run.frameBytes / 1_000))),
      formatNumber(median(runs.map((run) => run.dropped))),
    ]),
  );
};

export const formatPullSection = (results: PullResults): string => {
  const { plan, absent, fleets, loads, searches, fanOut, cores } = results;
  const blocks: (string | undefined)[] = [
    absent === undefined ? undefined : `Not measured: Prometheus. ${absent}`,
    ...fleets.map(formatFleet),
    '### Guests that are ill',
    formatLoads(loads),
    '### How many guests',
    formatSearch(searches, cores),
    '### Fan-out',
    formatFanOut(fanOut),
    `${plan.warmUpMs / 1_000} s of warm-up and a window of ${plan.windowMs / 1_000} s; ${plan.stepWarmUpMs / 1_000} s and ${plan.stepWindowMs / 1_000} s for the number of guests, tried once.`,
  ];
  return blocks.filter((block) => block !== undefined).join('\n\n');
};
