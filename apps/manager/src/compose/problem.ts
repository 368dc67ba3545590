/** Why the manager cannot start, or go on: a sentence, and whether a setting is to blame. */
import { DatabaseUnavailable } from '../database/database.ts';

export interface StartProblem {
  readonly ok: false;
  readonly problem: string;
  /** Starting it again with the same settings would end in the same way. */
  readonly isConfiguration: boolean;
}

export const misconfigured = (problem: string): StartProblem => ({
  ok: false,
  problem,
  isConfiguration: true,
});

export const failed = (problem: string): StartProblem => ({
  ok: false,
  problem,
  isConfiguration: false,
});

const isAboutFile = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && 'path' in error;

/** What the machine is to blame for, whatever part met it; undefined: a bug, which is thrown. */
export const problemOfMachine = (error: unknown): StartProblem | undefined => {
  if (error instanceof DatabaseUnavailable) {
    return failed(`the database went away during the start: ${error.message}`);
  }
  return isAboutFile(error) ? failed(`the start ended at a file: ${error.message}`) : undefined;
};
