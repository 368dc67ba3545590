/**
 * Says once when a collector begins to fail, fails in another way, or has a value again. A machine
 * that simply lacks something is worth a word only to those who look for it.
 */
import type { Log } from '../log.ts';
import type { Collected } from '../sources/collected.ts';

export type OnOutcome = (collector: string, outcome: Collected<unknown>) => void;

const MAX_ERROR_CHARACTERS = 500;

export const makeOutcomeLog = (log: Log): OnOutcome => {
  const problems = new Map<string, string>();
  return (collector, outcome) => {
    const earlier = problems.get(collector);
    if (outcome.ok) {
      if (earlier === undefined) return;
      problems.delete(collector);
      log.info('collector has a value again', { collector });
      return;
    }
    if (outcome.error === earlier) return;
    problems.set(collector, outcome.error);
    const error = outcome.error.slice(0, MAX_ERROR_CHARACTERS);
    if (outcome.absent) log.debug('collector found nothing to read', { collector, error });
    else log.warn('collector failed', { collector, error });
  };
};
