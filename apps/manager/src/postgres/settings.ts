/** How a Postgres of our own is set up: small, for one manager, on a machine that does other work. */
import { createHash } from 'node:crypto';

/** Shown in the titles of the server's processes, which is how we know them. */
export const clusterName = (cluster: string): string =>
  `innkeeper-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;

export const serverSettings = (cluster: string): Readonly<Record<string, string>> => ({
  cluster_name: clusterName(cluster),
  update_process_title: 'on',
  // The pool has 8, the lease one; the rest is for people with psql.
  max_connections: '24',
  shared_buffers: '128MB',
  // Samples come all the time: fewer, longer checkpoints write each page once instead of often.
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // By pglz, which every build has; not so lz4.
  wal_compression: 'on',
  random_page_cost: '1.1',
  // One core for each query, and no compiler: what we ask takes milliseconds.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Lines are read by the manager, which adds the time. Errors go to whoever sent the statement,
  // and their text may be a guest's.
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  lc_messages: 'C',
});
