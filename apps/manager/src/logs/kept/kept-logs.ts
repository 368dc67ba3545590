/** The flight recorder, put together: who is listened to, what is written, and how much room it has. */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import type { Log } from '../../log.ts';
import type { Partitions } from '../../store/partitions.ts';
import type { Vms } from '../../vms/vm-record.ts';
import type { LogHub } from '../hub/log-hub.ts';
import { makeAllowances } from './allowances.ts';
import type { KeptLogsStats } from './kept-logs-stats.ts';
import { makeLogWriter, type LogWriterOptions } from './log-writer.ts';
import type { LogPolicyStore } from './policies.ts';
import { makePositions } from './positions.ts';
import { makeRecorder, type RecorderOptions } from './recorder.ts';
import { makeRoomUpkeep } from './room-upkeep.ts';

export interface KeptLogs {
  start(): Promise<void>;
  /** Writes what is left, for as long as this. */
  stop(deadlineMs: number): Promise<void>;
  stats(): KeptLogsStats;
}

export const makeKeptLogs = ({
  database,
  partitions,
  hub,
  vms,
  policies,
  clock,
  random,
  log,
  keepMs,
  roomBytes,
  options = {},
}: {
  readonly database: Database;
  readonly partitions: Partitions;
  readonly hub: Pick<LogHub, 'join' | 'hasRoom'>;
  readonly vms: Pick<Vms, 'all' | 'count' | 'onChange'>;
  readonly policies: Pick<LogPolicyStore, 'policyOf' | 'onChange'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly keepMs: number;
  readonly roomBytes: number;
  readonly options?: RecorderOptions & LogWriterOptions;
}): KeptLogs => {
  const positions = makePositions(database);
  const allowances = makeAllowances(roomBytes, clock);
  const writer = makeLogWriter({ database, partitions, positions, clock, log, options });
  const recorder = makeRecorder({
    hub,
    vms,
    policies,
    positions,
    allowances,
    add: (row) => writer.add(row),
    freeBytes: () => writer.freeBytes,
    clock,
    random,
    keepMs,
    options,
  });
  const room = makeRoomUpkeep({
    database,
    partitions,
    roomBytes,
    onNewest: (bytes) => allowances.observe(bytes, vms.count()),
    clock,
    log,
  });
  return {
    start: async () => {
      await positions.load();
      recorder.start();
      writer.start();
      room.start();
    },
    stop: async (deadlineMs) => {
      recorder.stop();
      await Promise.all([writer.stop(deadlineMs), room.stop()]);
    },
    stats: () => ({ recorder: recorder.stats(), writer: writer.stats(), room: room.stats() }),
  };
};
