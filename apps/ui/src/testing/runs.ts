/** Runs and executions for tests. */
import type { Run, RunExecution } from '@innkeeper/protocol';

export const executionOf = (changed: Partial<RunExecution> = {}): RunExecution => ({
  id: '00000000-0000-4000-8000-0000000000e1',
  vm_id: '00000000-0000-4000-8000-000000000001',
  vm_name: 'web-1',
  state: 'running',
  exit_code: null,
  signal: null,
  timed_out: false,
  started_at: 1_000,
  ended_at: null,
  duration_seconds: null,
  stop_requested_at: null,
  output_bytes: 0,
  dropped_bytes: 0,
  progress: null,
  problem: null,
  ...changed,
});

export const runOf = (executions: readonly RunExecution[]): Run => ({
  id: '00000000-0000-4000-8000-0000000000a1',
  name: 'uptime',
  state: 'running',
  reason: null,
  command_id: null,
  retry_of: null,
  actor: { kind: 'session', name: 'admin' },
  created_at: 1_000,
  ended_at: null,
  counts: { total: 1, queued: 0, active: 1, succeeded: 0, failed: 0, cancelled: 0 },
  timeout_seconds: 60,
  max_output_bytes: 1_000,
  concurrency: 50,
  canary: null,
  max_failures: null,
  selector: null,
  wait_until: null,
  what: null,
  executions: [...executions],
});
