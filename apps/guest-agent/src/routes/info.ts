/** `GET /info`: what this machine is. */
import type { Info } from '@innkeeper/protocol';
import { jsonAnswer } from '../http/answer.ts';
import type { Route } from './route.ts';

export const makeInfoRoute = (info: () => Promise<Info>): Route => ({
  path: '/info',
  methods: ['GET'],
  access: { scope: 'metrics', beforeEnrolment: 'loopback', openToLoopback: false },
  query: [],
  handle: async () => jsonAnswer(await info()),
});
