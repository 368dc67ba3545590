/**
 * Stands between the connections and the routes: caps how many requests are under way, and turns a
 * bug in a route into an answer, so that it ends one request and not the agent.
 */
import { refuse } from './answer.ts';
import type { Answer } from './connection.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

export interface Guard {
  readonly answer: (request: HttpRequest) => Promise<HttpResponse>;
  refusedTotal(): number;
}

export const guard = (
  answer: Answer,
  maxInFlight: number,
  onError: (request: HttpRequest, error: unknown) => void,
): Guard => {
  let inFlight = 0;
  let refusedTotal = 0;
  return {
    answer: async (request) => {
      if (inFlight >= maxInFlight) {
        refusedTotal += 1;
        const message = `more than ${maxInFlight} requests are under way`;
        return refuse({ status: 429, code: 'busy', message });
      }
      inFlight += 1;
      try {
        return await answer(request);
      } catch (error) {
        onError(request, error);
        const message = 'the agent failed to answer; its log says why';
        return refuse({ status: 500, code: 'internal', message });
      } finally {
        inFlight -= 1;
      }
    },
    refusedTotal: () => refusedTotal,
  };
};
