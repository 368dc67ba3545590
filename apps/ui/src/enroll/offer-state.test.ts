import type { Enrollment } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { offerState } from './offer-state.ts';

const offer = { expiresAt: 900_000, clockOffset: 0 };
type Told = Pick<Enrollment, 'state' | 'expires_at' | 'events'>;
const waiting: Told = {
  state: 'waiting',
  expires_at: 900_000,
  events: [{ kind: 'token_made', at: 0 }],
};
const none: Told = { ...waiting, state: 'none', expires_at: null };

test('a token that was made before the page was loaded is told, and no more is known of it', () => {
  expect(offerState(undefined, waiting, 1)).toStrictEqual({ kind: 'none', othersUntil: 900_000 });
  expect(offerState(undefined, none, 1)).toStrictEqual({ kind: 'none', othersUntil: undefined });
});

test('the time that is left is counted by the clock of the manager', () => {
  expect(offerState({ ...offer, clockOffset: 60_000 }, waiting, 30_000)).toStrictEqual({
    kind: 'good',
    leftMs: 810_000,
    until: 900_000,
  });
});

test('it ends by time, by a newer one, by being revoked, and by its use', () => {
  expect(offerState(offer, waiting, 900_000).kind).toBe('expired');
  expect(offerState(offer, none, 900_001).kind).toBe('expired');
  expect(offerState(offer, { ...waiting, expires_at: 900_500 }, 1).kind).toBe('replaced');
  expect(offerState(offer, none, 1).kind).toBe('replaced');
  const events: Told['events'] = [...none.events, { kind: 'token_used', at: 5 }];
  const used: Told = { state: 'enrolled', expires_at: null, events };
  expect(offerState(offer, used, 900_001).kind).toBe('used');
});
