/** What `/ready` asks: each part that can stand still while the port still answers. */
import type { Clock } from '../clock.ts';
import type { OpenedDatabase } from '../database/pool.ts';
import { makeHealthParts, type HealthParts } from '../health/probe.ts';
import {
  databaseProbe,
  keptLogsProbe,
  pullProbe,
  startProbe,
  storeProbe,
} from '../health/probes.ts';
import { droppedLines, problemOf, type KeptLogsStats } from '../logs/kept/kept-logs-stats.ts';
import type { PullStats } from '../pull/pull-stats.ts';
import type { WriterStats } from '../store/writer-stats.ts';

export const makeHealth = ({
  isStarted,
  guestPulls,
  writer,
  keptLogs,
  database,
  intervalMs,
  startedMonotonicMs,
  clock,
}: {
  readonly isStarted: () => boolean;
  readonly guestPulls: () => Pick<PullStats, 'tickedMonotonicMs'>;
  readonly writer: () => Pick<WriterStats, 'lagMs'>;
  /** Undefined: none are kept. */
  readonly keptLogs: () => KeptLogsStats | undefined;
  readonly database: Pick<OpenedDatabase, 'downSinceMonotonicMs'>;
  readonly intervalMs: number;
  readonly startedMonotonicMs: number;
  readonly clock: Clock;
}): HealthParts => {
  const monotonicMs = (): number => clock.monotonicMs();
  return makeHealthParts(
    {
      start: startProbe(isStarted),
      pull: pullProbe({
        tickedMonotonicMs: () => guestPulls().tickedMonotonicMs,
        startedMonotonicMs,
        monotonicMs,
        intervalMs,
      }),
      database: databaseProbe({
        downSinceMonotonicMs: () => database.downSinceMonotonicMs(),
        monotonicMs,
      }),
      store: storeProbe({ lagMs: () => writer().lagMs }),
      kept_logs: keptLogsProbe(() => {
        const stats = keptLogs();
        return stats && { problem: problemOf(stats), dropped: droppedLines(stats) };
      }),
    },
    () => clock.now(),
  );
};
