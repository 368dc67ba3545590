/** How a command goes over many VMs, as somebody types it and as the manager takes it. */
import type { RunCreate } from '@innkeeper/protocol';
import { formatCount } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { parseSeconds } from './draft.ts';

export interface HowDraft {
  readonly concurrency: string;
  readonly canary: string;
  readonly maxFailures: string;
  readonly offline: 'fail' | 'wait';
  readonly wait: string;
}

export const FIRST_HOW: HowDraft = {
  concurrency: '50',
  canary: '',
  maxFailures: '',
  offline: 'fail',
  wait: '1h',
};

export type How = Pick<RunCreate, 'concurrency' | 'offline'> &
  Partial<Pick<RunCreate, 'canary' | 'max_failures' | 'wait_seconds'>>;

export type CheckedHow =
  | { readonly ok: true; readonly how: How }
  | { readonly ok: false; readonly field: keyof HowDraft; readonly message: string };

const MAX_AT_ONCE = 500;
const MAX_TARGETS = 5000;
const MAX_WAIT = 604_800;

const wholeNumber = (text: string, max: number): number | undefined => {
  const value = /^\d{1,5}$/u.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : undefined;
};

export const checkHow = (draft: HowDraft): CheckedHow => {
  const no = (field: keyof HowDraft, message: string): CheckedHow => ({
    ok: false,
    field,
    message,
  });
  const concurrency = wholeNumber(draft.concurrency, MAX_AT_ONCE);
  if (concurrency === undefined) return no('concurrency', `1 to ${MAX_AT_ONCE}.`);
  const canary = wholeNumber(draft.canary, MAX_TARGETS);
  if (canary === undefined && draft.canary.trim() !== '') return no('canary', 'A number, or none.');
  const failures = wholeNumber(draft.maxFailures, MAX_TARGETS);
  if (failures === undefined && draft.maxFailures.trim() !== '') {
    return no('maxFailures', 'A number, or none.');
  }
  const waitSeconds = parseSeconds(draft.wait) ?? 0;
  const waits = draft.offline === 'wait';
  if (waits && (waitSeconds < 1 || waitSeconds > MAX_WAIT)) {
    return no('wait', 'A time such as 30m or 2h, and 7 days at most.');
  }
  return {
    ok: true,
    how: {
      concurrency,
      offline: draft.offline,
      ...(canary !== undefined && { canary }),
      ...(failures !== undefined && { max_failures: failures }),
      ...(waits && { wait_seconds: waitSeconds }),
    },
  };
};

/** For whoever is asked whether it should be so. */
export const howWords = (how: How): readonly string[] => [
  ...(how.canary === undefined
    ? []
    : [`First on ${formatCount(how.canary)} alone; the rest follows when all of these succeed.`]),
  `On ${formatCount(how.concurrency)} at one time.`,
  ...(how.max_failures === undefined
    ? []
    : [`After ${formatCount(how.max_failures)} failures no further one begins.`]),
  how.offline === 'wait'
    ? `An agent that does not answer is tried again for ${formatDuration(how.wait_seconds ?? 0)}.`
    : 'An agent that does not answer counts as a failure.',
];
