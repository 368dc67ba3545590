/** What becomes of the lines of one VM: they are added up, or they are lost and counted. */
import type { Clock } from '../../platform/platform.ts';
import { parseMetricsLine, type MetricsPiece } from './metrics-line.ts';
import { makeMetricsTotals, type MetricsTotals } from './metrics-totals.ts';
import type { FollowerSink } from './pipe-follower.ts';

export interface LineIntake {
  readonly sink: FollowerSink;
  readonly totals: MetricsTotals;
  /** On the monotonic clock; undefined before the first. */
  lastLineMs(): number | undefined;
  /** What was wrong with the newest text, where no good line came after it. */
  problem(): string | undefined;
  /** There is traffic, but this Firecracker does not say of which device. */
  tellsOnlySums(): boolean;
}

export const makeLineIntake = (
  clock: Pick<Clock, 'monotonicMs'>,
  parse: typeof parseMetricsLine = parseMetricsLine,
): LineIntake => {
  const totals = makeMetricsTotals();
  let lastLineMs: number | undefined;
  let problem: string | undefined;
  let afterRestart = false;
  let hasOnlySums = false;

  const lose = (why: string, count = 1): void => {
    totals.addMalformed(count);
    problem = why;
  };

  const take = (piece: MetricsPiece): void => {
    if (!piece.ok) {
      lose(piece.problem);
      return;
    }
    const outcome = totals.add(piece.line, afterRestart);
    if (outcome === 'too_many_devices') problem = 'too many devices';
    if (outcome !== 'added') return;
    afterRestart = false;
    hasOnlySums ||= piece.line.hasOnlySums;
    lastLineMs = clock.monotonicMs();
    problem = undefined;
  };

  return {
    sink: {
      line: (text, staleHead) => {
        const pieces = parse(text);
        for (const piece of pieces.slice(staleHead ? 1 : 0)) take(piece);
        return pieces.some(({ ok }) => ok);
      },
      lostLine: () => lose('a line that is torn or too long'),
      skippedLines: (count) => lose('a flood of lines that are no metrics', count),
      writerGone: () => {
        afterRestart = true;
      },
      readAgain: () => totals.readAgain(),
    },
    totals,
    lastLineMs: () => lastLineMs,
    problem: () => problem,
    tellsOnlySums: () => hasOnlySums && totals.net.size === 0 && totals.block.size === 0,
  };
};
