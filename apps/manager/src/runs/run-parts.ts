/** What the rest of the manager needs of the runs. */
import type { LogFilesStats } from './files/log-files.ts';
import type { RunLimits } from './limits.ts';
import type { RunAccess } from './run-access.ts';
import type { RunQuestions } from './run-questions.ts';
import type { RunWriterStats } from './run-writer.ts';
import type { Runs, RunsStats } from './runs.ts';

export interface AllRunStats {
  readonly runs: RunsStats;
  readonly writer: RunWriterStats;
  /** Undefined: there are no files. */
  readonly files: LogFilesStats | undefined;
  /** Runs that were old, or too many. */
  readonly deleted: number;
}

export interface RunParts {
  readonly runs: Pick<Runs, 'begin' | 'control' | 'stopExecution' | 'answerTimeout'>;
  readonly access: RunAccess;
  readonly questions: RunQuestions;
  readonly limits: RunLimits;
  stats(): AllRunStats;
}
