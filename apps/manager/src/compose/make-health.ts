/** What `/ready` asks: each part that can stand still while the port still answers. */
import type { Clock } from '../clock.ts';
import type { OpenedDatabase } from '../database/pool.ts';
import { makeHealthParts, type HealthParts } from '../health/probe.ts';
import { databaseProbe, pullProbe, startProbe, storeProbe } from '../health/probes.ts';
import type { PullStats } from '../pull/pull-stats.ts';
import type { WriterStats } from '../store/writer-stats.ts';

export const makeHealth = ({
  isStarted,
  guestPulls,
  writer,
  database,
  intervalMs,
  startedMonotonicMs,
  clock,
}: {
  readonly isStarted: () => boolean;
  readonly guestPulls: () => Pick<PullStats, 'tickedMonotonicMs'>;
  readonly writer: () => Pick<WriterStats, 'lagMs'>;
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
    },
    () => clock.now(),
  );
};
