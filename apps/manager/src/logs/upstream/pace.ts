/**
 * How late an agent may see a line: what is wanted, and what its stream was asked for. A stream has its
 * pace for good, and agents from before there was one refuse to be asked.
 */
import type { StreamAsked } from './log-connection.ts';

export interface Pace {
  /** In milliseconds; undefined: as soon as the agent can. */
  want(paceMs: number | undefined): void;
  /** For a stream that is opened now. */
  ask(): number | undefined;
  /** What is wanted is no longer what was asked for. */
  isOther(): boolean;
  /** Whether it was refused for its pace, which is then not asked for any more. */
  isRefused(answer: Extract<StreamAsked, { ok: false }>): boolean;
  /** It may be another agent from now on. */
  reset(): void;
}

export const makePace = (first: number | undefined): Pace => {
  let wanted = first;
  let asked: number | undefined;
  let isKnown = true;
  const current = (): number | undefined => (isKnown ? wanted : undefined);
  return {
    want: (paceMs) => {
      wanted = paceMs;
    },
    ask: () => {
      asked = current();
      return asked;
    },
    isOther: () => asked !== current(),
    isRefused: ({ status, failure }) => {
      const isForPace = status === 422 && failure.message.includes('parameter "pace"');
      if (asked === undefined || !isForPace) return false;
      isKnown = false;
      return true;
    },
    reset: () => {
      isKnown = true;
    },
  };
};
