/** What the agent is asked for a step. */
import type { ExecRequest, Provisioning } from '@innkeeper/protocol';
import type { StepRow } from './sql/round-row.ts';

/** For scripts of the guest, which say nothing about it. */
const GUEST_TIMEOUT_SECONDS = 3600;
const MAX_OUTPUT_BYTES = 10 * 1024 * 1024;

const onceOf = ({ when, script_key: key, again }: StepRow): Pick<ExecRequest, 'once'> =>
  when === 'first_boot' ? { once: { key, again } } : {};

export const requestOfScript = (script: Provisioning, step: StepRow): ExecRequest => ({
  script: script.script,
  ...(script.interpreter !== null && { interpreter: script.interpreter }),
  ...(script.user !== null && { user: script.user }),
  timeout_seconds: script.timeout_seconds,
  max_output_bytes: MAX_OUTPUT_BYTES,
  ...(script.progress_patterns.length > 0 && { progress_patterns: script.progress_patterns }),
  ...onceOf(step),
});

/** One that nobody may execute is read by the shell: cloud-init writes files so by default. */
export const requestOfGuestFile = (path: string, step: StepRow): ExecRequest => ({
  argv: step.is_executable === true ? [path] : ['/bin/sh', path],
  timeout_seconds: GUEST_TIMEOUT_SECONDS,
  max_output_bytes: MAX_OUTPUT_BYTES,
  ...onceOf(step),
});
