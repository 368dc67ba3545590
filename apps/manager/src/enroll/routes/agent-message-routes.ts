/** What agents send by themselves. Public: who they are they prove by what they have signed. */
import { enrollRequestSchema, signedMessageSchema, type SignedMessage } from '@innkeeper/protocol';
import { z } from 'zod';
import { defineRoute } from '../../http/define-route.ts';
import { nothing, type AnyRoute, type RequestFacts } from '../../http/route.ts';
import type { Outcome } from '../../vms/outcome.ts';
import type { EnrollRequest } from '../enroll-agent.ts';

export interface AgentMessageRoutesOptions {
  readonly enrollAgent: (
    body: EnrollRequest,
    request: RequestFacts,
  ) => Promise<Outcome<SignedMessage>>;
  readonly reportAddress: (
    agentId: string,
    body: SignedMessage,
    request: RequestFacts,
  ) => Promise<Outcome<SignedMessage>>;
}

const tag = 'Enrolment';
/** A message of 16 KiB, whatever of it is escaped, and what is around it. */
const MAX_BODY_BYTES = 48 * 1024;
const ANSWERS = {
  200: { description: "the answer, signed by the manager's key", schema: signedMessageSchema },
};
const TOO_MANY = { '429 too_many_attempts': 'too many from this network; try again later' };

const agentParams = z.strictObject({ id: z.string().regex(/^[\w.-]{1,128}$/u) });

export const makeAgentMessageRoutes = (options: AgentMessageRoutesOptions): readonly AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/v1/enroll',
    tag,
    summary: 'An agent with a token registers its key',
    access: 'public',
    params: nothing,
    query: nothing,
    body: enrollRequestSchema,
    maxBodyBytes: MAX_BODY_BYTES,
    answers: ANSWERS,
    problems: {
      ...TOO_MANY,
      '403 token_unknown': 'no such token, or the caller does not have it',
      '403 token_expired': 'it was good for 15 minutes',
      '403 token_used': 'another key was enrolled with it',
      '403 token_revoked': 'by somebody, or by a newer one',
      '403 other_machine': 'the token is for another VM',
      '403 bad_signature': 'the message is not signed by the key in it',
      '409 cloned': 'the key is enrolled for another VM',
    },
    handle: async ({ body, requestId, remoteAddress }) => {
      const enrolled = await options.enrollAgent(body, { requestId, remoteAddress });
      return enrolled.ok ? { ok: true, status: 200, body: enrolled.value } : enrolled;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v1/agents/:id/address',
    tag,
    summary: 'An enrolled agent says where it is',
    access: 'public',
    params: agentParams,
    query: nothing,
    body: signedMessageSchema,
    maxBodyBytes: MAX_BODY_BYTES,
    answers: ANSWERS,
    problems: {
      ...TOO_MANY,
      '404 unknown_agent': 'nobody is enrolled under this id',
      '403 key_replaced': 'another key is enrolled under this id',
      '409 cloned': 'two machines have this key',
    },
    handle: async ({ params, body, requestId, remoteAddress }) => {
      const request = { requestId, remoteAddress };
      const reported = await options.reportAddress(params.id, body, request);
      return reported.ok ? { ok: true, status: 200, body: reported.value } : reported;
    },
  }),
];
