/** What a part of the benchmark is to the program that runs it. */

export interface PartContext {
  readonly runs: number;
  /** Short and rough, for trying the benchmark itself. */
  readonly quick: boolean;
  /** An empty folder, gone when the program ends. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** A line for whoever watches. */
  readonly progress: (line: string) => void;
}

export interface PartResult {
  /** For the section of the part in docs/bench.md. */
  readonly markdown: string;
  /** Every figure of every run, for `--json`. */
  readonly data: unknown;
}

/** Throws where something that is measured does not work; slowness is a result like any other. */
export type Part = (context: PartContext) => Promise<PartResult>;
