/** What the end of an execution is for its step. */
import type { ExecutionRecord } from '../runs/run-record.ts';
import type { StepEnd } from './sql/end-step.ts';

/** Of the agent: somebody has run it on this machine, perhaps a manager before this one. */
const ALREADY_DONE = 'already_done';

export const outcomeOf = (execution: ExecutionRecord | undefined): StepEnd => {
  if (execution === undefined) {
    const message = 'the run of this step was deleted before its end was seen';
    return { state: 'failed', problem: { code: 'run_deleted', message } };
  }
  const { state, exitCode, signal, timedOut, startedAt, endedAt, problem } = execution;
  const times = { startedAt, endedAt };
  if (state === 'exited') {
    const isGood = exitCode === 0;
    return { ...times, state: isGood ? 'succeeded' : 'failed', exitCode, signal, timedOut };
  }
  if (state === 'refused' && problem?.code === ALREADY_DONE) {
    return { ...times, state: 'succeeded', problem };
  }
  const unexplained = { code: state, message: `its execution is ${state}` };
  return { ...times, state: 'failed', problem: problem ?? unexplained };
};
