/** An agent that is measured. */

export type Key =
  | 'native'
  | 'native-no-processes'
  | 'ours'
  | 'ours-plain'
  | 'node-exporter-equal'
  | 'node-exporter-default'
  | 'netdata'
  | 'ours-no-processes'
  | 'node-exporter-no-processes';

export interface Contender {
  readonly key: Key;
  /** In the tables. */
  readonly name: string;
  readonly command: (port: number) => readonly string[];
  /** The cheapest answer that it has, which tells that it is there. */
  readonly healthPath: string;
  readonly scrapePath: string;
  /** From its start until its answers are complete. */
  readonly settleMs: number;
  /** Memory and idle time as well, or only what a scrape costs. */
  readonly figures: 'all' | 'scrapes';
}

/** Something that was to be compared and is not there. */
export interface Absent {
  readonly name: string;
  /** Goes into docs/bench.md, so it names no path and no server. */
  readonly what: 'is not to be had on this machine' | 'does not start on this machine';
  /** For whoever watches. */
  readonly reason: string;
}
