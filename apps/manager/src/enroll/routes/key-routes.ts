/** `/v1/keys`: the key by which agents know the manager, and its successor. */
import { managerKeyStateSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { defineRoute } from '../../http/define-route.ts';
import { nothing, type AnyRoute } from '../../http/route.ts';
import type { KeyRotation } from '../key-rotation.ts';

const tag = 'Enrolment';
const completeBody = z.strictObject({
  /** Agents that do not know the new key yet are left behind. */
  force: z.boolean().default(false),
});

export const makeKeyRoutes = (
  rotation: Pick<KeyRotation, 'describe' | 'announce' | 'complete'>,
): readonly AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/v1/keys',
    tag,
    summary: "The manager's key, the one that follows, and who does not know it yet",
    access: { action: 'key.manage' },
    params: nothing,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'the keys', schema: managerKeyStateSchema } },
    handle: async () => ({ ok: true, status: 200, body: await rotation.describe() }),
  }),
  defineRoute({
    method: 'post',
    path: '/v1/keys/rotate',
    tag,
    summary: 'Makes a new key and tells it to the agents; it takes over when all know it',
    access: { action: 'key.manage' },
    params: nothing,
    query: nothing,
    body: nothing,
    answers: { 201: { description: 'it is announced', schema: managerKeyStateSchema } },
    problems: { '409 rotation_under_way': 'one is announced already' },
    handle: async ({ actor, requestId, remoteAddress }) => {
      const announced = await rotation.announce({ actor, request: { requestId, remoteAddress } });
      return announced.ok ? { ok: true, status: 201, body: announced.value } : announced;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v1/keys/complete',
    tag,
    summary: 'Lets the announced key take over, and retires the old one',
    access: { action: 'key.manage' },
    params: nothing,
    query: nothing,
    body: completeBody,
    answers: { 200: { description: 'it signs from now on', schema: managerKeyStateSchema } },
    problems: {
      '409 no_rotation': 'none is announced',
      '409 agents_behind': 'some agents do not know it yet',
    },
    handle: async ({ actor, body, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const completed = await rotation.complete(by, body.force);
      return completed.ok ? { ok: true, status: 200, body: completed.value } : completed;
    },
  }),
];
