/** Writes what has become of executions. */
import type { Queryable } from '../../database/database.ts';
import type { ExecutionRecord } from '../run-record.ts';

const TEXT = `
  UPDATE execution AS old
  SET state = new.state, sends = new.sends, signed_at = new.signed_at,
    started_at = to_timestamp(new.started_at / 1000),
    ended_at = to_timestamp(new.ended_at / 1000),
    stop_requested_at = to_timestamp(new.stop_requested_at / 1000),
    overdue_since = to_timestamp(new.overdue_since / 1000),
    extended_until = to_timestamp(new.extended_until / 1000),
    left_at = to_timestamp(new.left_at / 1000),
    exit_code = new.exit_code, signal = new.signal, timed_out = new.timed_out,
    duration_seconds = new.duration_seconds, last_event_id = new.last_event_id,
    output_bytes = new.output_bytes, dropped_bytes = new.dropped_bytes,
    stored_bytes = new.stored_bytes, progress = new.progress,
    problem_code = new.problem_code, problem_message = new.problem_message
  FROM jsonb_to_recordset($1::jsonb) AS new (
    key bigint, state text, sends integer, signed_at bigint, started_at float8, ended_at float8,
    stop_requested_at float8, overdue_since float8, extended_until float8, left_at float8,
    exit_code integer, signal text, timed_out boolean,
    duration_seconds float8, last_event_id bigint, output_bytes bigint, dropped_bytes bigint,
    stored_bytes bigint, progress jsonb, problem_code text, problem_message text)
  WHERE old.key = new.key`;

/** In one moment: what is changed in the record afterwards is not in it. */
export const executionColumns = (record: ExecutionRecord) => ({
  key: record.key,
  state: record.state,
  sends: record.sends,
  signed_at: record.signedAt,
  started_at: record.startedAt,
  ended_at: record.endedAt,
  stop_requested_at: record.stopRequestedAt,
  overdue_since: record.overdueSince,
  extended_until: record.extendedUntil,
  left_at: record.leftAt,
  exit_code: record.exitCode,
  signal: record.signal,
  timed_out: record.timedOut,
  duration_seconds: record.durationSeconds,
  last_event_id: record.lastEventId,
  output_bytes: record.outputBytes,
  dropped_bytes: record.droppedBytes,
  stored_bytes: record.storedBytes,
  progress: record.progress,
  problem_code: record.problem?.code,
  problem_message: record.problem?.message,
});
export type ExecutionColumns = ReturnType<typeof executionColumns>;

export const updateExecutions = async (
  queryable: Queryable,
  executions: readonly ExecutionColumns[],
): Promise<void> => {
  await queryable.query({
    name: 'update_executions',
    text: TEXT,
    values: [JSON.stringify(executions)],
  });
};
