import { describe, expect, test } from 'vitest';
import { estimateMs, makePlan, pacedScrapesOf } from './plan.ts';

const all = { figures: 'all', settleMs: 1_000 } as const;
const scrapes = { figures: 'scrapes', settleMs: 1_000 } as const;

describe('the plan', () => {
  test('gives the pair fewer paced scrapes', () => {
    const plan = makePlan(3, false);
    expect(pacedScrapesOf(plan, all)).toBe(60);
    expect(pacedScrapesOf(plan, scrapes)).toBe(20);
  });

  test('is estimated in proportion to its runs', () => {
    const one = estimateMs(makePlan(1, false), [all, all, scrapes]);
    expect(one).toBeGreaterThan(140_000);
    expect(one).toBeLessThan(200_000);
    expect(estimateMs(makePlan(3, false), [all, all, scrapes])).toBe(3 * one);
  });

  test('is short when it is quick', () => {
    expect(estimateMs(makePlan(1, true), [all, all, scrapes])).toBeLessThan(30_000);
  });
});
