/** A round of provisioning as the API has it. */
import type { ProvisioningRound, ProvisioningStep } from '@innkeeper/protocol';
import type { RoundRow, StepRow } from './sql/round-row.ts';

const problemOf = (step: StepRow): ProvisioningStep['problem'] => {
  if (step.problem_code !== null) {
    return { code: step.problem_code, message: step.problem_message ?? '' };
  }
  const { execution } = step;
  // Why it does not begin.
  if (step.state !== 'running' || typeof execution?.problem_code !== 'string') return null;
  return { code: execution.problem_code, message: execution.problem_message ?? '' };
};

const presentStep = (step: StepRow, mayReadOutput: boolean): ProvisioningStep => ({
  position: step.position,
  source: step.source,
  name: step.name,
  when: step.when,
  script_id: step.source === 'manager' ? step.script_key : null,
  path: step.path,
  sha256: step.sha256,
  state: step.state,
  attempts: step.attempts,
  run_id: step.run_id,
  execution_id: step.execution_id,
  exit_code: step.exit_code,
  signal: step.signal,
  timed_out: step.timed_out,
  started_at: step.started_at,
  ended_at: step.ended_at,
  progress: step.execution?.progress ?? null,
  problem: problemOf(step),
  last_lines: mayReadOutput && step.last_lines !== null ? step.last_lines.split('\n') : null,
});

export const presentRound = (round: RoundRow, mayReadOutput: boolean): ProvisioningRound => ({
  id: round.id,
  vm_id: round.vm_id,
  boot_id: round.boot_id,
  cause: round.cause,
  requested_by: round.requested_by,
  state: round.state,
  created_at: round.created_at,
  ended_at: round.ended_at,
  steps: round.steps.map((step) => presentStep(step, mayReadOutput)),
});
