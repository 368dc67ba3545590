/**
 * Asks an agent with a token of the manager. Where the agent refuses it and its clock is far off, it
 * is asked once more, within the same deadline, with a token by its own clock.
 */
import type { AgentScope, MintToken } from '../keys/token-minter.ts';
import { MAX_CLOCK_DIFFERENCE_SECONDS } from '../keys/token-minter.ts';
import type { AgentClient } from './agent-client.ts';
import type { AgentRequest, Exchange } from './exchange.ts';

type UnsignedRequest = Omit<AgentRequest, 'headers'> & {
  readonly contentType?: string;
  /** Of a stream: the id of the last event that came. */
  readonly lastEventId?: string | undefined;
};

export interface Bearer {
  exchange(
    client: Pick<AgentClient, 'exchange'>,
    request: UnsignedRequest,
    deadlineMs: number,
  ): Promise<Exchange>;
  /** Of the last answer. */
  clockOffsetSeconds(): number | undefined;
}

export const makeBearer = (dependencies: {
  readonly mintToken: MintToken;
  readonly audience: string;
  readonly scope: AgentScope;
}): Bearer => {
  const { mintToken, audience, scope } = dependencies;
  let offset: number | undefined;
  /** What tokens are signed by: ours until the agent has refused one. */
  let signedOffset = 0;
  let headers: string[] = [];
  /** For what the headers are. */
  let headersToken: string | undefined;
  let headersType: string | undefined;

  const headersFor = (token: string, contentType: string | undefined): string[] => {
    if (token === headersToken && contentType === headersType) return headers;
    headers = ['authorization', `Bearer ${token}`];
    if (contentType !== undefined) headers.push('content-type', contentType);
    headersToken = token;
    headersType = contentType;
    return headers;
  };

  const signed = (request: UnsignedRequest): AgentRequest => {
    const { method, target, body, contentType, lastEventId } = request;
    const token = mintToken({ audience, scope, clockOffsetSeconds: signedOffset });
    const known = headersFor(token, contentType);
    const all = lastEventId === undefined ? known : [...known, 'last-event-id', lastEventId];
    return { method, target, body, headers: all };
  };

  const note = (answer: Exchange): void => {
    if (answer.ok) offset = answer.clockOffsetSeconds ?? offset;
  };

  return {
    clockOffsetSeconds: () => offset,
    exchange: async (client, request, deadlineMs) => {
      const answer = await client.exchange(signed(request), deadlineMs);
      note(answer);
      if (!answer.ok || answer.status !== 401) return answer;
      const theirs = answer.clockOffsetSeconds;
      if (theirs === undefined) return answer;
      if (Math.abs(theirs - signedOffset) <= MAX_CLOCK_DIFFERENCE_SECONDS) return answer;
      signedOffset = theirs;
      const second = await client.exchange(signed(request), deadlineMs);
      note(second);
      return second;
    },
  };
};
