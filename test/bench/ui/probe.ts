/** The probe of page/probe.ts, seen from the benchmark. */
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { Frames } from './figures.ts';

export interface Probe {
  startFrames(): Promise<void>;
  startLongTasks(): Promise<void>;
  frames(): Promise<Frames>;
  longTasks(): Promise<readonly number[]>;
  firstPaintMs(): Promise<number>;
}

const FRAME_MS = 1_000 / 60;
const durations = z.array(z.number());

export const countFrames = (gaps: readonly number[]): Frames => ({
  shown: gaps.length,
  dropped: gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / FRAME_MS) - 1), 0),
  longestMs: Math.max(0, ...gaps),
});

/** Evaluated, since the pages allow no script that they have not brought. */
export const plantProbe = async (page: Page, source: string): Promise<Probe> => {
  await page.evaluate(source);
  const call = async (what: string): Promise<unknown> => page.evaluate(`innkeeperProbe.${what}()`);
  return {
    startFrames: async () => {
      await call('startFrames');
    },
    startLongTasks: async () => {
      await call('startLongTasks');
    },
    frames: async () => countFrames(durations.parse(await call('frames'))),
    longTasks: async () => durations.parse(await call('longTasks')),
    firstPaintMs: async () => z.number().parse(await call('firstContentfulPaint')),
  };
};
