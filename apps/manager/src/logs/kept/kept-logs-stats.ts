/** What the flight recorder tells about itself: for /metrics, /ready and the tests. */
import type { LogWriterStats } from './log-writer.ts';
import type { RecorderStats } from './recorder.ts';
import type { RoomStats } from './room-upkeep.ts';

export interface KeptLogsStats {
  readonly recorder: RecorderStats;
  readonly writer: LogWriterStats;
  readonly room: RoomStats;
}

/** Lines that should have been kept and were not, by reason. */
export const droppedByReason = ({ recorder, writer }: KeptLogsStats) => ({
  /** The buffer was full while Postgres was away. */
  overflow: writer.overflow,
  /** By Postgres, whatever it was tried with. */
  refused: writer.refused,
  unwritten_at_stop: writer.unwrittenAtStop,
  ...recorder.dropped,
});

export const droppedLines = (stats: KeptLogsStats): number =>
  Object.values(droppedByReason(stats)).reduce((sum, lines) => sum + lines, 0);

export const problemOf = ({ writer, room }: KeptLogsStats): string | undefined =>
  writer.problem ?? room.problem;
