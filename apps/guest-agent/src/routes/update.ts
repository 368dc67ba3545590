/** `GET` and `POST /update`, `POST /update/confirm`: the manager replaces this program by a newer one. */
import type { AccessRule } from '../auth/access.ts';
import type { CallerOf } from '../auth/caller.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import { checkFields, parseJsonBody } from '../http/json-body.ts';
import type { HttpResponse, Refusal } from '../http/message.ts';
import type { TextCodec } from '../platform/platform.ts';
import { parseOrder } from '../update/update-order.ts';
import type { Updater } from '../update/updater.ts';
import { invalid, type Route } from './route.ts';

/**
 * A scope of its own: whoever holds a token that reads, runs a command or reboots must not be able to
 * change what the agent is.
 */
const access: AccessRule = { scope: 'update', beforeEnrolment: 'nobody', openToLoopback: false };

export const makeUpdateRoutes = (
  updater: Pick<Updater, 'status' | 'begin' | 'confirm'>,
  callerOf: CallerOf,
  text: Pick<TextCodec, 'decodeUtf8'>,
): readonly Route[] => {
  const answer = (refusal: Refusal | undefined): HttpResponse =>
    refusal === undefined ? { ...jsonAnswer(updater.status()), status: 202 } : refuse(refusal);
  return [
    {
      path: '/update',
      methods: ['GET', 'POST'],
      access,
      query: [],
      handle: ({ method, body, headers }) => {
        if (method !== 'POST') return jsonAnswer(updater.status());
        const parsed = parseJsonBody(body, text);
        if (!parsed.ok) return refuse(parsed.refusal);
        const order = parseOrder(parsed.value);
        if (!order.ok) return refuse(order.refusal);
        return answer(updater.begin(order.value, callerOf(headers).subject));
      },
    },
    {
      path: '/update/confirm',
      methods: ['POST'],
      access,
      query: [],
      handle: ({ body, headers }) => {
        const parsed = parseJsonBody(body, text);
        if (!parsed.ok) return refuse(parsed.refusal);
        const { id } = parsed.value;
        const problem = checkFields(parsed.value, ['id']);
        if (problem !== undefined) return refuse(invalid(problem));
        if (typeof id !== 'string') return refuse(invalid('id must be that of the update'));
        return answer(updater.confirm(id, callerOf(headers).subject));
      },
    },
  ];
};
