/** `POST /rpc`: JSON-RPC 2.0 over HTTP. Each method asks for its own scope. */
import type { CallerOf } from '../auth/caller.ts';
import { JSON_TYPE } from '../http/answer.ts';
import { lateAnswer } from '../http/late-answer.ts';
import type { HttpResponse } from '../http/message.ts';
import type { Clock, TextCodec } from '../platform/platform.ts';
import type { RpcDispatcher } from '../rpc/dispatcher.ts';
import type { Route } from './route.ts';

const answerOf = (text: string | undefined): HttpResponse =>
  text === undefined
    ? { status: 204, contentType: JSON_TYPE, body: '' }
    : { status: 200, contentType: JSON_TYPE, body: `${text}\n` };

export const makeRpcRoute = (
  dispatcher: RpcDispatcher,
  callerOf: CallerOf,
  { clock, text }: { readonly clock: Pick<Clock, 'after'>; readonly text: TextCodec },
): Route => ({
  path: '/rpc',
  methods: ['POST'],
  access: { scope: undefined, beforeEnrolment: 'nobody', openToLoopback: false },
  query: [],
  handle: async ({ body, headers }) => {
    const { subject, scopes } = callerOf(headers);
    const caller = { subject, may: (scope: string) => scopes.includes(scope) };
    const answer = dispatcher.dispatch(text.decodeUtf8(body), caller).then(answerOf);
    return lateAnswer(answer, clock);
  },
});
