/** An update as somebody types it and as the manager takes it. */
import type { UpdateCreate } from '@innkeeper/protocol';

export interface UpdateDraft {
  readonly canary: string;
  readonly concurrency: string;
  readonly maxFailures: string;
  readonly allowDowngrade: boolean;
}

export const FIRST_UPDATE: UpdateDraft = {
  canary: '1',
  concurrency: '10',
  maxFailures: '3',
  allowDowngrade: false,
};

export type UpdateHow = Pick<UpdateCreate, 'concurrency' | 'allow_downgrade'> &
  Partial<Pick<UpdateCreate, 'canary' | 'max_failures'>>;

export type CheckedUpdate =
  | { readonly ok: true; readonly how: UpdateHow }
  | { readonly ok: false; readonly field: keyof UpdateDraft; readonly message: string };

const MAX_AT_ONCE = 500;
const MAX_TARGETS = 5000;

const wholeNumber = (text: string, max: number): number | undefined => {
  const value = /^\d{1,5}$/u.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : undefined;
};

/** What is typed for the canaries is a number, or labels. */
export const checkUpdate = (draft: UpdateDraft): CheckedUpdate => {
  const concurrency = wholeNumber(draft.concurrency, MAX_AT_ONCE);
  if (concurrency === undefined) {
    return { ok: false, field: 'concurrency', message: `1 to ${MAX_AT_ONCE}.` };
  }
  const failures = wholeNumber(draft.maxFailures, MAX_TARGETS);
  if (failures === undefined && draft.maxFailures.trim() !== '') {
    return { ok: false, field: 'maxFailures', message: 'A number, or none.' };
  }
  const typed = draft.canary.trim();
  const count = wholeNumber(typed, MAX_TARGETS);
  if (count === undefined && /^\d+$/u.test(typed)) {
    return { ok: false, field: 'canary', message: `1 to ${MAX_TARGETS}, labels, or none.` };
  }
  const canary = count ?? (typed === '' ? undefined : { selector: typed });
  return {
    ok: true,
    how: {
      concurrency,
      allow_downgrade: draft.allowDowngrade,
      ...(canary !== undefined && { canary }),
      ...(failures !== undefined && { max_failures: failures }),
    },
  };
};
