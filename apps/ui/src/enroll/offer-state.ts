/** Whether what is shown with a token in it can still be used. */
import type { Enrollment } from '@innkeeper/protocol';

/** Something that was made with a token in it. It is in the memory of this page and nowhere else. */
export interface OfferTimes {
  /** By the manager's clock; what tells this token from others. */
  readonly expiresAt: number;
  /** What the manager's clock said minus what this machine's did. */
  readonly clockOffset: number;
}

export type OfferState =
  /** Nothing is shown here; there may be a token that was made before, or by somebody else. */
  | { readonly kind: 'none'; readonly othersUntil: number | undefined }
  | { readonly kind: 'good'; readonly leftMs: number; readonly until: number }
  | { readonly kind: 'used' }
  | { readonly kind: 'expired' }
  /** There is a newer one, or it was revoked. */
  | { readonly kind: 'replaced' };

export const offerState = (
  offer: OfferTimes | undefined,
  enrollment: Pick<Enrollment, 'state' | 'expires_at' | 'events'> | undefined,
  now: number,
): OfferState => {
  const waiting = enrollment?.state === 'waiting' ? enrollment.expires_at : null;
  if (offer === undefined) return { kind: 'none', othersUntil: waiting ?? undefined };
  const leftMs = offer.expiresAt - (now + offer.clockOffset);
  if (waiting !== null) {
    if (waiting !== offer.expiresAt) return { kind: 'replaced' };
    return leftMs > 0 ? { kind: 'good', leftMs, until: offer.expiresAt } : { kind: 'expired' };
  }
  if (enrollment?.events.some(({ kind }) => kind === 'token_used') === true) {
    return { kind: 'used' };
  }
  return leftMs > 0 ? { kind: 'replaced' } : { kind: 'expired' };
};
