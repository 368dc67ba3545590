/** A run as the API shows it, to somebody who may see some of its executions. */
import type { ExecRequest, Run, RunWhat } from '@innkeeper/protocol';
import type { Actor } from '../auth/actor.ts';
import { countExecutions } from './count-executions.ts';
import type { RunAccess } from './run-access.ts';
import { presentExecution, type ExecutionRecord, type RunRecord } from './run-record.ts';

/** Environment and input are told to nobody: secrets are in them. */
const whatOf = (request: ExecRequest): RunWhat => ({
  argv: 'argv' in request ? request.argv : null,
  script: 'script' in request ? request.script : null,
  interpreter: 'script' in request ? (request.interpreter ?? null) : null,
  cwd: request.cwd ?? null,
  user: request.user ?? null,
  env_names: Object.keys(request.env ?? {}),
  stdin_bytes: Buffer.byteLength(request.stdin ?? ''),
});

/** `visible`: those of its executions that the actor may see. */
export const presentRun = (
  run: RunRecord,
  visible: readonly ExecutionRecord[],
  access: RunAccess,
  actor: Actor,
): Run => ({
  id: run.id,
  name: run.name,
  state: run.state,
  reason: run.reason ?? null,
  command_id: run.commandId ?? null,
  retry_of: run.retryOf ?? null,
  actor: { kind: run.actor.kind, name: run.actor.name },
  created_at: run.createdAt,
  ended_at: run.endedAt ?? null,
  counts: countExecutions(visible),
  timeout_seconds: run.askAfterSeconds ?? run.request.timeout_seconds ?? 0,
  on_timeout: run.askAfterSeconds === undefined ? 'kill' : 'ask',
  limit_seconds: run.request.timeout_seconds ?? 0,
  max_output_bytes: run.request.max_output_bytes ?? 0,
  concurrency: run.concurrency,
  canary: run.canary ?? null,
  max_failures: run.maxFailures ?? null,
  selector: run.selector ?? null,
  wait_until: run.waitUntil ?? null,
  what: visible.some(({ vmId }) => access.may(actor, 'run.output', vmId))
    ? whatOf(run.request)
    : null,
  executions: visible.map(presentExecution),
});
