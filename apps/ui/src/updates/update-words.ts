/** What becomes of agents that are updated, in words. */
import type { UpdateStep, UpdateStepState, UpdateSummary } from '@innkeeper/protocol';
import { formatCount } from '../format/count.ts';
import { UNKNOWN_FIGURE } from '../format/quantity.ts';
import type { MarkKind } from '../runs/execution-words.ts';

const STEP_MARKS: Readonly<Record<UpdateStepState, MarkKind>> = {
  waiting: 'waiting',
  downloading: 'active',
  swapping: 'active',
  checking: 'active',
  done: 'good',
  rolled_back: 'unsure',
  failed: 'bad',
  cancelled: 'off',
};

export const stepMark = (state: UpdateStepState): MarkKind => STEP_MARKS[state];

const STEP_WORDS: Readonly<Record<UpdateStepState, string>> = {
  waiting: 'waiting',
  downloading: 'downloading',
  swapping: 'changing over',
  checking: 'on trial',
  done: 'updated',
  rolled_back: 'rolled back',
  failed: 'failed',
  cancelled: 'left as it was',
};

export const stepWords = (state: UpdateStepState): string => STEP_WORDS[state];

const STAYS: ReadonlySet<UpdateStepState> = new Set(['rolled_back', 'failed', 'cancelled']);

/** `1.4.0 → 1.5.0`, and one version where nothing changes, or has changed. */
export const changeWords = (
  { from_version: from, state }: Pick<UpdateStep, 'from_version' | 'state'>,
  version: string,
): string => {
  if (STAYS.has(state)) return from ?? UNKNOWN_FIGURE;
  return from === null || from === version ? version : `${from} → ${version}`;
};

export const updateMark = ({ state, counts }: UpdateSummary): MarkKind => {
  if (state === 'running' || state === 'stopping') return 'active';
  if (state === 'paused') return 'paused';
  if (counts.failed > 0) return 'bad';
  return counts.cancelled > 0 ? 'off' : 'good';
};

/** `46 updated, 1 failed, 3 waiting of 50`. */
export const updateCountWords = ({ counts }: Pick<UpdateSummary, 'counts'>): string => {
  const { total, done, failed, active, waiting, cancelled } = counts;
  const parts = [
    [done, 'updated'],
    [failed, 'not updated'],
    [active, 'under way'],
    [waiting, 'waiting'],
    [cancelled, 'left as they were'],
  ] as const;
  const some = parts.flatMap(([count, word]) =>
    count === 0 ? [] : [`${formatCount(count)} ${word}`],
  );
  return `${some.join(', ')} of ${formatCount(total)}`;
};
