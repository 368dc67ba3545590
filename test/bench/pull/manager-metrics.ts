/** What the manager says of itself in its `/metrics`, as far as it is measured by that. */

export interface Buckets {
  /** Upper bounds in seconds, ascending, the last one infinite, and how many lie below each. */
  readonly bounds: readonly number[];
  readonly below: readonly number[];
}

export interface ManagerCounts {
  readonly pulls: Readonly<Record<string, number>>;
  readonly leftOut: Readonly<Record<string, number>>;
  readonly lateness: Buckets;
  readonly rowsWritten: number;
  readonly framesSent: number;
  readonly framesDropped: number;
  readonly frameBytes: number;
}

interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(innkeeper_\w+)(?:\{([^}]*)\})? (\S+)$/gmu;
const LABEL = /(\w+)="([^"]*)"/gu;

/** The manager's own families: their labels are words. The thousands of lines of VMs are skipped. */
const OWN = /^innkeeper_(?:pull|store|push)/u;

const readLines = (text: string): Line[] =>
  [...text.matchAll(LINE)].flatMap(([, name = '', labels = '', value = '']) => {
    if (!OWN.test(name)) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', word = '']): [string, string] => [
      key,
      word,
    ]);
    const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
    return [{ name, labels: Object.fromEntries(pairs), value: number }];
  });

export const parseManagerMetrics = (text: string): ManagerCounts => {
  const lines = readLines(text);
  const by = (name: string, label: string, agent?: string): Record<string, number> =>
    Object.fromEntries(
      lines
        .filter((line) => line.name === name)
        .filter(({ labels }) => agent === undefined || labels['agent'] === agent)
        .map(({ labels, value }) => [labels[label] ?? '', value]),
    );
  const lateness = Object.entries(by('innkeeper_pull_lateness_seconds_bucket', 'le', 'guest'))
    .map(([bound, count]) => [bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), count])
    .sort(([one = 0], [other = 0]) => one - other);
  if (lateness.length === 0) throw new Error('the manager tells nothing of its pull loop');
  const frames = by('innkeeper_push_fleet_frames_total', 'result');
  return {
    pulls: by('innkeeper_pulls_total', 'outcome', 'guest'),
    leftOut: by('innkeeper_pull_turns_left_out_total', 'reason', 'guest'),
    lateness: {
      bounds: lateness.map(([bound = 0]) => bound),
      below: lateness.map(([, count = 0]) => count),
    },
    rowsWritten: by('innkeeper_store_rows_total', 'result')['written'] ?? 0,
    framesSent: frames['sent'] ?? 0,
    framesDropped: frames['dropped'] ?? 0,
    frameBytes: by('innkeeper_push_fleet_bytes_total', '')[''] ?? 0,
  };
};

const between = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );

export const countsBetween = (before: ManagerCounts, after: ManagerCounts): ManagerCounts => ({
  pulls: between(before.pulls, after.pulls),
  leftOut: between(before.leftOut, after.leftOut),
  lateness: {
    bounds: after.lateness.bounds,
    below: after.lateness.below.map((count, index) => count - (before.lateness.below[index] ?? 0)),
  },
  rowsWritten: after.rowsWritten - before.rowsWritten,
  framesSent: after.framesSent - before.framesSent,
  framesDropped: after.framesDropped - before.framesDropped,
  frameBytes: after.frameBytes - before.frameBytes,
});

/** The least bound, in ms, that so many percent do not exceed: buckets do not tell more. */
export const boundMs = ({ bounds, below }: Buckets, percent: number): number => {
  const all = below.at(-1) ?? 0;
  if (all === 0) return Number.NaN;
  const index = below.findIndex((count) => count >= (percent / 100) * all);
  return (bounds[index] ?? Number.NaN) * 1_000;
};
