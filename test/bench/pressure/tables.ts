/** The tables of the section `pressure` of docs/bench.md. */
import type {
  AgentUnderPressure,
  Scrapes,
  UnderPressure,
} from '../../support/pressure-guest/guest.ts';
import type { AgentName } from '../../support/pressure-guest/marks.ts';
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { percentile, spread } from '../report/statistics.ts';

export interface PressureResults {
  readonly exporterVersion: string;
  readonly timeoutMs: number;
  readonly pressureSeconds: number;
  readonly runs: readonly UnderPressure[];
}

const NONE = '–';

const spreadOf = (values: readonly number[]): string =>
  values.length === 0 ? NONE : formatSpread(spread(values));

const latency = (scrapes: readonly Scrapes[], percent: number): string =>
  spreadOf(
    scrapes.flatMap(({ answeredMs }) =>
      answeredMs.length === 0 ? [] : [percentile(answeredMs, percent)],
    ),
  );

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

const failures = (scrapes: readonly Scrapes[]): string => {
  const failed = sum(scrapes.map((one) => one.failures));
  return `${failed} of ${failed + sum(scrapes.map(({ answeredMs }) => answeredMs.length))}`;
};

const megabytes = (kib: readonly number[]): string => {
  const values = kib.map((value) => (value * 1024) / 1e6);
  return values.length === 0 ? NONE : formatSpread(spread(values));
};

const faults = (runs: readonly AgentUnderPressure[]): string =>
  spreadOf(runs.flatMap(({ majorFaults }) => (majorFaults === undefined ? [] : [majorFaults])));

const survived = (runs: readonly AgentUnderPressure[]): string =>
  `${runs.filter(({ wasKilled, answersAfter }) => !wasKilled && answersAfter).length} of ${runs.length}`;

export const formatResults = (results: PressureResults): string => {
  const { exporterVersion, timeoutMs, pressureSeconds, runs } = results;
  const names: readonly (readonly [AgentName, string])[] = [
    ['agent', 'our agent, native'],
    ['exporter', `node_exporter ${exporterVersion}, as it comes`],
  ];
  const rowsOf = (format: (runsOfIt: readonly AgentUnderPressure[]) => readonly string[]) =>
    names.map(([name, title]) => [title].concat(format(runs.map(({ agents }) => agents[name]))));
  const latencies = formatTable(
    ['agent', 'calm, p50 ms', 'p99', 'failed', 'at the limit, p50 ms', 'p99', 'failed'],
    rowsOf((own) => {
      const calm = own.map((one) => one.calm);
      const pressure = own.map((one) => one.pressure);
      return [calm, pressure].flatMap((scrapes) => [
        latency(scrapes, 50),
        latency(scrapes, 99),
        failures(scrapes),
      ]);
    }),
  );
  const memory = formatTable(
    ['agent', 'resident when calm, MB', 'at the limit, MB', 'pages read again', 'runs survived'],
    rowsOf((own) => [
      megabytes(own.flatMap(({ calmKib }) => calmKib)),
      megabytes(own.flatMap(({ pressureKib }) => pressureKib)),
      faults(own),
      survived(own),
    ]),
  );
  const exhausted = sum(runs.map((run) => run.exhausted));
  const words =
    `${pressureSeconds} s at the limit in each run; a scrape without an answer after ` +
    `${formatNumber(timeoutMs / 1000)} s has failed. The kernel ran out of memory and killed ` +
    `what takes it ${exhausted} ${exhausted === 1 ? 'time' : 'times'} in all.`;
  return [latencies, memory, words].join('\n\n');
};
