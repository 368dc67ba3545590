/** What was measured, as it goes into `--json` and the tables. */

export interface IngestFigures {
  readonly rows: number;
  readonly seconds: number;
  /** Of the manager's thread: from the reading to the answer of Postgres. */
  readonly nodeCpuUsPerRow: number;
  /** Of all processes of Postgres, a checkpoint at the end included. */
  readonly serverCpuUsPerRow: number;
  readonly heapBytesPerRow: number;
  readonly indexBytesPerRow: number;
  readonly walBytesPerRow: number;
}

export interface RollUpFigures {
  readonly tier: string;
  /** Steps of the tier, for all VMs. */
  readonly steps: number;
  readonly rows: number;
  readonly sourceRows: number;
  readonly seconds: number;
}

export interface HistoryFigures {
  readonly range: string;
  readonly fields: string;
  readonly tier: string;
  readonly points: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly firstMs: number;
}

export interface StoreFigures {
  /** Of Postgres. */
  readonly version: string;
  readonly ingest: IngestFigures;
  readonly rollUps: readonly RollUpFigures[];
  readonly histories: readonly HistoryFigures[];
}
