/**
 * Random numbers that an agent must sign to show that its message is no old one played again. One
 * for each agent, good once and for a minute.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';

export interface Challenges {
  give(agentId: string): string;
  isOpen(agentId: string, challenge: string): boolean;
  /** Whether it was open; it is no more. */
  take(agentId: string, challenge: string): boolean;
}

const LIFETIME_MS = 60_000;
const MAX_KEPT = 10_000;

export const makeChallenges = (clock: Pick<Clock, 'monotonicMs'>): Challenges => {
  const kept = new Map<string, { readonly text: string; readonly until: number }>();
  const isOpen = (agentId: string, challenge: string): boolean => {
    const given = kept.get(agentId);
    return given?.text === challenge && given.until >= clock.monotonicMs();
  };
  return {
    isOpen,
    give: (agentId) => {
      const text = randomBytes(32).toString('base64url');
      kept.delete(agentId);
      const [oldest] = kept.keys();
      if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      kept.set(agentId, { text, until: clock.monotonicMs() + LIFETIME_MS });
      return text;
    },
    take: (agentId, challenge) => {
      if (!isOpen(agentId, challenge)) return false;
      kept.delete(agentId);
      return true;
    },
  };
};
