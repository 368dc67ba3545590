/** What the agent tells of a command that has ended. */
import type { Execution } from '@innkeeper/protocol';

export const ENDED_DOCUMENT: Execution = {
  id: 'one',
  state: 'exited',
  argv: ['true'],
  cwd: '/',
  user: null,
  subject: null,
  pid: 7,
  started_at: 1,
  ended_at: 2,
  timeout_seconds: 3,
  duration_seconds: 1,
  exit_code: 0,
  signal: null,
  timed_out: false,
  output_held: false,
  output_bytes: 9,
  dropped_bytes: 0,
  last_event_id: 4,
  progress: null,
};
