/** From the moment at which a program writes a line to the frame of the browser that shows it. */
import type { Page } from 'playwright-core';
import { waitUntil } from '../../support/wait-until.ts';
import { percentile } from '../report/statistics.ts';
import {
  droppedLines,
  keptNumbers,
  plantLineProbe,
  withLogPage,
  type PageTools,
} from './line-pages.ts';
import type { Plan } from './plan.ts';
import type { Rig } from './rig.ts';
import { writeAfterPauses, writeSteadily, type Written } from './writer.ts';

export interface PaintingFigures {
  /** Lines a second; undefined: one by one, each after a pause. */
  readonly perSecond: number | undefined;
  readonly written: number;
  /** Those that came into sight; at many lines a second the others are scrolled past in a frame. */
  readonly seen: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** As the viewer says. */
  readonly dropped: number;
  /** Of the lines that the viewer keeps, those that are missing or there twice. */
  readonly wrong: number;
}

/** Until the last line is there, at the latest. */
const LATE_MS = 20_000;
/** The first few find the reader still opening its files. */
const FIRST_LINES = 5;
/** Longer than the time between two batches. */
const MIN_PAUSE_MS = 150;
const MAX_PAUSE_MS = 350;

/** Of those, the viewer keeps at least so many, besides what was there before. */
const KEPT_LINES = 8_500;

/** The numbers that the viewer keeps are the last ones, each once and in order. */
const countWrong = (kept: readonly number[], written: number): number => {
  const first = written - kept.length;
  const misplaced = kept.filter((number, at) => number !== first + at).length;
  return misplaced + Math.max(0, Math.min(written, KEPT_LINES) - kept.length);
};

const measureOne = async (
  page: Page,
  probeSource: string,
  prefix: string,
  perSecond: number | undefined,
  write: () => Promise<Written>,
): Promise<PaintingFigures> => {
  const probe = await plantLineProbe(page, probeSource);
  await probe.start(prefix);
  const { at: writtenAt } = await write();
  const paintedAt = new Map<number, number>();
  const last = writtenAt.length - 1;
  await waitUntil(
    `line ${last} of ${prefix} is painted`,
    async () => {
      for (const [number, at] of await probe.painted()) paintedAt.set(number, at);
      return paintedAt.has(last);
    },
    LATE_MS,
  );
  const delays = [...paintedAt]
    .filter(([number]) => number >= FIRST_LINES)
    .map(([number, at]) => at - (writtenAt[number] ?? Number.NaN));
  const kept = await keptNumbers(page, prefix);
  return {
    perSecond,
    written: writtenAt.length,
    seen: paintedAt.size,
    p50Ms: percentile(delays, 50),
    p95Ms: percentile(delays, 95),
    p99Ms: percentile(delays, 99),
    dropped: await droppedLines(page),
    wrong: countWrong(kept, writtenAt.length),
  };
};

/** Each pace in a browser of its own. */
export const measurePainting = async (
  rig: Rig,
  plan: Plan,
  { browsers, probes, build }: PageTools,
  signal: AbortSignal,
): Promise<readonly PaintingFigures[]> =>
  rig.withAgent(build, async () => {
    const figures: PaintingFigures[] = [];
    for (const perSecond of [undefined, ...plan.paintRates]) {
      const prefix = `painted-${perSecond ?? 'pause'}`;
      const program = await rig.journald.program('bench');
      try {
        const one = await withLogPage(browsers, rig, async ({ page }) =>
          measureOne(page, probes.lines, prefix, perSecond, async () =>
            perSecond === undefined
              ? writeAfterPauses(
                  program,
                  prefix,
                  { lines: plan.pausedLines, minMs: MIN_PAUSE_MS, maxMs: MAX_PAUSE_MS },
                  signal,
                )
              : writeSteadily(program, prefix, { perSecond, ms: plan.paintMs }, signal),
          ),
        );
        figures.push(one);
      } finally {
        program.destroy();
      }
    }
    return figures;
  });
