/** What was made with a token in it on this page, and how to make another. */
import type { Enrollment } from '@innkeeper/protocol';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { ApiProblem } from '../state/api.ts';
import type { Answer } from '../state/use-answer.ts';
import type { Enrollee } from './enrollee.ts';
import { makeOffer, type Offer, type OfferKind } from './make-offer.ts';
import { offerState, type OfferState } from './offer-state.ts';

export interface OfferInUse {
  readonly offer: Offer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isBusy: boolean;
  readonly state: OfferState;
  readonly make: (kind: OfferKind) => void;
}

export const useOffer = (
  enrollee: Pick<Enrollee, 'kind' | 'id'>,
  answer: Answer<Enrollment>,
): OfferInUse => {
  const { session, ticker, now } = useApp();
  void ticker.now.value;
  const [offer, setOffer] = useState<Offer | undefined>(undefined);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const make = async (kind: OfferKind): Promise<void> => {
    setBusy(true);
    const result = await makeOffer(session.api, enrollee, kind, now);
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    setOffer(result.ok ? result.value : undefined);
    answer.reload();
  };
  return {
    offer,
    problem,
    isBusy,
    state: offerState(offer, answer.value, now()),
    make: (kind) => {
      if (!isBusy) void make(kind);
    },
  };
};
