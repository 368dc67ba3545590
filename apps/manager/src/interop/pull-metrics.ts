/** How the pull loops are doing: that of the guests and that of the hosts. */
import type { Registry } from 'prom-client';
import type { PullStats } from '../pull/pull-stats.ts';
import { histogramText } from './exposition.ts';
import { addCounter, addGauge, type Value } from './family.ts';

export type PullSource = () => Pick<
  PullStats,
  | 'targets'
  | 'inFlight'
  | 'pulls'
  | 'busyTurns'
  | 'backingOffTurns'
  | 'skippedTurns'
  | 'broken'
  | 'lateness'
  | 'durations'
>;
/** By what is pulled: `guest`, `host`. */
export type PullSources = Readonly<Record<string, PullSource>>;

const labels = ['agent'] as const;

/** The answer writes the histograms, which prom-client takes from nobody. */
export const addPullMetrics = (registry: Registry, sources: PullSources): (() => string) => {
  const each = (values: (stats: ReturnType<PullSource>) => Iterable<Value>) => (): Value[] =>
    Object.entries(sources).flatMap(([agent, read]) =>
      Array.from(values(read()), ([more, value]): Value => [{ agent, ...more }, value]),
    );
  addGauge(registry, {
    name: 'innkeeper_pull_targets',
    help: 'Agents that are pulled.',
    labels,
    read: each(({ targets }) => [[{}, targets]]),
  });
  addGauge(registry, {
    name: 'innkeeper_pulls_in_flight',
    help: 'Pulls that wait for an answer.',
    labels,
    read: each(({ inFlight }) => [[{}, inFlight]]),
  });
  addCounter(registry, {
    name: 'innkeeper_pulls_total',
    help: 'Ended pulls, by how they ended: ok, or the kind of failure.',
    labels: [...labels, 'outcome'],
    read: each(({ pulls }) =>
      Object.entries(pulls).map(([outcome, count]): Value => [{ outcome }, count]),
    ),
  });
  addCounter(registry, {
    name: 'innkeeper_pull_turns_left_out_total',
    help: 'Turns without a pull: the one before was under way, the agent has failed for a while, or the loop was late.',
    labels: [...labels, 'reason'],
    read: each(({ busyTurns, backingOffTurns, skippedTurns }) => [
      [{ reason: 'busy' }, busyTurns],
      [{ reason: 'backing_off' }, backingOffTurns],
      [{ reason: 'late' }, skippedTurns],
    ]),
  });
  addCounter(registry, {
    name: 'innkeeper_pull_errors_total',
    help: 'Pulls that ended in an error of the manager itself.',
    labels,
    read: each(({ broken }) => [[{}, broken]]),
  });
  return () => {
    const all = Object.entries(sources).map(([agent, read]) => ({ agent, stats: read() }));
    const lateness = all.map(({ agent, stats }) => [{ agent }, stats.lateness] as const);
    const durations = all.map(({ agent, stats }) => [{ agent }, stats.durations] as const);
    return (
      histogramText('innkeeper_pull_lateness_seconds', 'How late pulls began.', lateness) +
      histogramText('innkeeper_pull_duration_seconds', 'How long good pulls took.', durations)
    );
  };
};
