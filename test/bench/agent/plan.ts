/** How long what is measured. */

import type { Contender } from './contender.ts';

export interface Plan {
  readonly runs: number;
  /** Per agent and run, besides the two starts that the other measurements need. */
  readonly extraStarts: number;
  /** From a start until its memory is read, without a scrape. */
  readonly idleMs: number;
  /** After that: how much CPU time an agent takes for itself. */
  readonly idleWindowMs: number;
  readonly pacedScrapes: number;
  /** Of the pair that is compared by scrapes only. */
  readonly pacedScrapesOfPair: number;
  readonly hotScrapes: number;
  /** From the last hot scrape until memory is read again: V8 returns memory when it is idle. */
  readonly afterMs: number;
}

export const PACE_MS = 1_000;

export const makePlan = (runs: number, quick: boolean): Plan =>
  quick
    ? {
        runs,
        extraStarts: 1,
        idleMs: 1_000,
        idleWindowMs: 1_000,
        pacedScrapes: 5,
        pacedScrapesOfPair: 3,
        hotScrapes: 200,
        afterMs: 1_000,
      }
    : {
        runs,
        extraStarts: 1,
        idleMs: 5_000,
        idleWindowMs: 5_000,
        pacedScrapes: 60,
        pacedScrapesOfPair: 20,
        hotScrapes: 2_000,
        afterMs: 10_000,
      };

/** Of `figures: 'all'` or of the pair. */
export const pacedScrapesOf = (plan: Plan, { figures }: Pick<Contender, 'figures'>): number =>
  figures === 'all' ? plan.pacedScrapes : plan.pacedScrapesOfPair;

/** A start and a stop take up to half a second, and a hot scrape a few milliseconds. */
const START_MS = 500;
const HOT_SCRAPE_MS = 2;

type Estimated = Pick<Contender, 'figures' | 'settleMs'>;

export const estimateMs = (plan: Plan, contenders: readonly Estimated[]): number => {
  const loads = contenders.map(
    (contender) =>
      (1 + plan.extraStarts) * START_MS +
      contender.settleMs +
      pacedScrapesOf(plan, contender) * PACE_MS +
      plan.hotScrapes * HOT_SCRAPE_MS,
  );
  const idle = contenders.length * START_MS + plan.idleMs + plan.idleWindowMs;
  const perRun = loads.reduce((sum, ms) => sum + ms, idle + plan.afterMs);
  return plan.runs * perRun;
};
