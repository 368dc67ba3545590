/** Why the manager cannot start, or go on: a sentence, and whether a setting is to blame. */

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
