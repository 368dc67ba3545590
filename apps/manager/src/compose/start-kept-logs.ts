/** The flight recorder: what is to be kept of which VM, and, unless it is switched off, keeping it. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { LogHub } from '../logs/hub/log-hub.ts';
import { makeKeptLogs } from '../logs/kept/kept-logs.ts';
import type { KeptLogsStats } from '../logs/kept/kept-logs-stats.ts';
import { makeLogPolicies, type LogPolicyStore } from '../logs/kept/policies.ts';
import type { Partitions } from '../store/partitions.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Releasers } from './releasers.ts';

export interface KeptLogsOptions {
  readonly database: Database;
  readonly partitions: Partitions;
  readonly logHub: LogHub;
  readonly vms: Vms;
  /** 0: switched off. */
  readonly keepLogsMs: number;
  readonly keepLogsBytes: number;
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

export interface StartedKeptLogs {
  readonly policies: LogPolicyStore;
  /** Undefined: switched off. */
  stats(): KeptLogsStats | undefined;
  /** Once pulls have begun. */
  start(): Promise<void>;
}

/** Of the ten seconds that stopping may take. */
const LAST_WRITE_MS = 1_500;
/** A statement of the upkeep may be under way as well. */
const STOP_MS = 2_000;

export const startKeptLogs = async (options: KeptLogsOptions): Promise<StartedKeptLogs> => {
  const { database, logHub: hub, keepLogsMs: keepMs, keepLogsBytes: roomBytes } = options;
  const policies = makeLogPolicies(database);
  await policies.load();
  if (keepMs === 0) return { policies, stats: () => undefined, start: async () => {} };
  const keptLogs = makeKeptLogs({ ...options, hub, policies, keepMs, roomBytes });
  return {
    policies,
    stats: () => keptLogs.stats(),
    start: async () => {
      options.releasers.add('kept logs', async () => keptLogs.stop(LAST_WRITE_MS), STOP_MS);
      await keptLogs.start();
    },
  };
};
