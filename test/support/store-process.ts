/** A process for the tests of what is stored of them. */
import type { ProcessEntry } from '@innkeeper/protocol';

export const makeProcess = (changes: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid: 4242,
  ppid: 1,
  user: 'www-data',
  uid: 33,
  name: 'nginx',
  state: 'S',
  threads: 1,
  cpu_seconds: 12.5,
  cpu_usage_percent: 3.4,
  rss_bytes: 20 * 1024 * 1024,
  memory_usage_percent: 1.2,
  io: null,
  started_at: null,
  ...changes,
});
