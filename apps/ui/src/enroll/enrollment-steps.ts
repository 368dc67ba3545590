/** The steps from a token to the first reading, as they are shown, and what is in the way. */
import type { Enrollment } from '@innkeeper/protocol';
import { refusalAdvice } from './refusal-advice.ts';

type EventKind = Enrollment['events'][number]['kind'];

export interface EnrollmentStep {
  readonly kind: EventKind;
  readonly words: string;
  /** `unseen`: a later one is done, and nobody has seen this one. */
  readonly state: 'done' | 'current' | 'waiting' | 'unseen';
  readonly at: number | undefined;
  /** Since the token was made. */
  readonly afterMs: number | undefined;
}

const STEPS = [
  ['token_made', 'Token made'],
  ['agent_downloaded', 'Agent downloaded'],
  ['token_used', 'Token used'],
  ['enrolled', 'Enrolled'],
  ['first_reading', 'First reading'],
] as const satisfies readonly (readonly [EventKind, string])[];

export const enrollmentSteps = ({
  events,
}: Pick<Enrollment, 'events'>): readonly EnrollmentStep[] => {
  const times = new Map(events.map(({ kind, at }) => [kind, at]));
  const last = STEPS.findLastIndex(([kind]) => times.has(kind));
  const madeAt = times.get('token_made');
  return STEPS.map(([kind, words], index) => {
    const at = times.get(kind);
    const state =
      at !== undefined
        ? 'done'
        : index < last
          ? 'unseen'
          : index === last + 1 && last >= 0
            ? 'current'
            : 'waiting';
    const afterMs = at === undefined || madeAt === undefined ? undefined : at - madeAt;
    return { kind, words, state, at, afterMs };
  });
};

export const hasFirstReading = ({ events }: Pick<Enrollment, 'events'>): boolean =>
  events.some(({ kind }) => kind === 'first_reading');

export interface RefusalNote {
  readonly words: string;
  readonly advice: string;
  readonly from: string;
  readonly at: number;
}

/** Undefined: there was none, or the agent has been let in since. */
export const refusalNote = ({
  refusal,
  agent,
  state,
}: Pick<Enrollment, 'refusal' | 'agent' | 'state'>): RefusalNote | undefined => {
  if (refusal === null) return undefined;
  if (state === 'enrolled' && agent !== null && agent.enrolled_at >= refusal.at) return undefined;
  const { words, advice } = refusalAdvice(refusal);
  return { words, advice, from: refusal.remote_address, at: refusal.at };
};
