/** Asks the manager for something with a token in it. Each answer revokes the token before. */
import type { Enrollment, EnrollmentCreated } from '@innkeeper/protocol';
import type { Api, ApiResult } from '../state/api.ts';
import { enrolleePath, type Enrollee } from './enrollee.ts';
import type { OfferTimes } from './offer-state.ts';

export type OfferKind = 'command' | 'user-data' | 'vendor-data' | 'iso';

export type Made =
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'user-data' | 'vendor-data'; readonly text: string }
  | { readonly kind: 'iso'; readonly image: Blob };

export interface Offer extends OfferTimes {
  readonly made: Made;
}

const make = async (api: Api, path: string, kind: OfferKind): Promise<ApiResult<Made>> => {
  if (kind === 'command') {
    const created = await api.send<EnrollmentCreated>('POST', `${path}/enrollment`);
    return created.ok ? { ok: true, value: { kind, text: created.value.command } } : created;
  }
  const file = await api.file(`${path}/cloud-init?format=${kind}`);
  if (!file.ok) return file;
  return {
    ok: true,
    value: kind === 'iso' ? { kind, image: file.value } : { kind, text: await file.value.text() },
  };
};

export const makeOffer = async (
  api: Api,
  enrollee: Pick<Enrollee, 'kind' | 'id'>,
  kind: OfferKind,
  now: () => number,
): Promise<ApiResult<Offer>> => {
  const path = enrolleePath(enrollee);
  const made = await make(api, path, kind);
  if (!made.ok) return made;
  const madeAt = now();
  // Until when it is good is not in the files.
  const told = await api.get<Enrollment>(`${path}/enrollment`);
  if (!told.ok) return told;
  const { expires_at: expiresAt, events } = told.value;
  const event = events.find(({ kind: what }) => what === 'token_made');
  if (expiresAt === null || event === undefined) {
    const message = 'The token was revoked meanwhile. Make a new one.';
    return { ok: false, problem: { status: undefined, code: 'token_revoked', message } };
  }
  return { ok: true, value: { made: made.value, expiresAt, clockOffset: event.at - madeAt } };
};
