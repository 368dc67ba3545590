/**
 * Keeps the lines within their room: drops the oldest partitions where all of them take more, and
 * tells how much the newest one takes, which cannot be dropped. By age, store/maintenance.ts does it.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import type { Log } from '../../log.ts';
import { describeFailure, sqlStateOf } from '../../store/failure.ts';
import type { Partitions } from '../../store/partitions.ts';
import { makeRepeating } from '../../store/repeating.ts';
import { dropPartition } from '../../store/sql/drop-partition.ts';
import { deleteLogVms } from './sql/delete-log-vms.ts';
import { listLogPartitions } from './sql/list-log-partitions.ts';

export interface RoomStats {
  /** Of all lines with their indexes; undefined: not known yet. */
  readonly bytes: number | undefined;
  /** Partitions that went because all of them took too much. */
  readonly partitionsDropped: number;
  readonly bytesDropped: number;
  readonly failures: number;
  readonly problem: string | undefined;
}

export interface RoomUpkeep {
  /** One round, now. */
  run(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
  stats(): RoomStats;
}

const ROUND_MS = 30_000;
const FORGET_EVERY_MS = 3_600_000;
const LOCK_NOT_AVAILABLE = '55P03';

export const makeRoomUpkeep = ({
  database,
  partitions,
  roomBytes,
  onNewest,
  clock,
  log,
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'list' | 'forget'>;
  readonly roomBytes: number;
  readonly onNewest: (bytes: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}): RoomUpkeep => {
  const counts = { partitionsDropped: 0, bytesDropped: 0, failures: 0 };
  let bytes: number | undefined;
  let problem: string | undefined;
  let forgottenMs: number | undefined;

  const drop = async (name: string): Promise<boolean> => {
    try {
      await dropPartition(database, name);
    } catch (error) {
      // In use just now: the next round tries again.
      if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) return false;
      throw error;
    }
    // Whoever writes into it meanwhile makes it again.
    partitions.forget();
    return true;
  };

  const makeRoom = async (): Promise<void> => {
    const sizes = new Map(
      (await listLogPartitions(database)).map((partition) => [partition.name, partition.bytes]),
    );
    const now = clock.now();
    const known = await partitions.list('logs');
    let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    let newest = 0;
    /** The oldest that has to go is in use: a newer one must not go in its place. */
    let isHeld = false;
    for (const { name, untilMs } of known) {
      const size = sizes.get(name) ?? 0;
      if (untilMs > now) newest += size;
      else if (total > roomBytes && !isHeld) {
        isHeld = !(await drop(name));
        if (isHeld) continue;
        total -= size;
        counts.partitionsDropped += 1;
        counts.bytesDropped += size;
        log.info('old log lines made room for newer ones', { partition: name, bytes: size });
      }
    }
    bytes = total;
    onNewest(newest);
  };

  const forgetVms = async (): Promise<void> => {
    const nowMs = clock.monotonicMs();
    if (forgottenMs !== undefined && nowMs - forgottenMs < FORGET_EVERY_MS) return;
    await deleteLogVms(database);
    forgottenMs = nowMs;
  };

  const rounds = makeRepeating(
    async () => {
      try {
        await makeRoom();
        await forgetVms();
      } catch (error) {
        counts.failures += 1;
        const found = describeFailure(error);
        if (problem === undefined) log.warn('upkeep of kept logs fails', { problem: found });
        problem = found;
        return false;
      }
      if (problem !== undefined) log.info('upkeep of kept logs works again');
      problem = undefined;
      return true;
    },
    () => ROUND_MS,
  );

  return {
    run: () => rounds.run(),
    start: () => {
      rounds.start();
      rounds.hurry();
    },
    stop: () => rounds.stop(),
    stats: () => ({ ...counts, bytes, problem }),
  };
};
