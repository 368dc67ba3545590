/** The steps from a token to the first reading, as they are shown, and what is in the way. */
import type { Enrollment } from '@innkeeper/protocol';

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

const REFUSAL_ADVICE: ReadonlyMap<string, readonly [words: string, advice: string]> = new Map([
  [
    'token_unknown',
    ['This manager does not know the token', 'It was replaced by a newer one, or made elsewhere.'],
  ],
  ['token_expired', ['The token has expired', 'Make a new one, and use it within 15 minutes.']],
  [
    'token_used',
    [
      'The token was used before',
      'By another machine, or by this one before it lost its state. Make a new one.',
    ],
  ],
  ['token_revoked', ['The token was revoked', 'A newer one has replaced it: use that one.']],
  [
    'other_machine',
    [
      'The token belongs to another VM',
      'Take the id and the token from the same command or the same file.',
    ],
  ],
  [
    'bad_signature',
    ['The message is not signed by the key that it names', 'Install the agent again.'],
  ],
  [
    'cloned',
    [
      'Its disk is a copy: another VM has this key',
      'Add the copy as a VM of its own and use that token there; if that is refused too, remove /var/lib/guest-agent/state.json in it first.',
    ],
  ],
  ['unknown_agent', ['This manager has no such agent enrolled', 'Make a new token for it.']],
  [
    'key_replaced',
    [
      'Another key is enrolled for this VM by now',
      'If this is the right machine, make a new token for it.',
    ],
  ],
]);

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
  const [words, advice] = REFUSAL_ADVICE.get(refusal.code) ?? [refusal.message, ''];
  return { words, advice, from: refusal.remote_address, at: refusal.at };
};
