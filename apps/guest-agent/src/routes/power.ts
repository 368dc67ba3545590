/** `POST /power`: shuts this machine down, or reboots it. */
import type { CallerOf } from '../auth/caller.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import { checkFields, parseJsonBody } from '../http/json-body.ts';
import type { TextCodec } from '../platform/platform.ts';
import type { Power } from '../power/power.ts';
import { invalid, type Route } from './route.ts';

const MAX_DELAY_SECONDS = 3600;

export const makePowerRoute = (
  power: Power,
  callerOf: CallerOf,
  text: Pick<TextCodec, 'decodeUtf8'>,
): Route => ({
  path: '/power',
  methods: ['POST'],
  access: { scope: 'power', beforeEnrolment: 'nobody', openToLoopback: false },
  query: [],
  handle: ({ body, headers }) => {
    const parsed = parseJsonBody(body, text);
    if (!parsed.ok) return refuse(parsed.refusal);
    const problem = checkFields(parsed.value, ['action', 'delay_seconds']);
    if (problem !== undefined) return refuse(invalid(problem));
    const { action, delay_seconds: delaySeconds = 0 } = parsed.value;
    if (action !== 'shutdown' && action !== 'reboot') {
      return refuse(invalid('action must be shutdown or reboot'));
    }
    const isDelay =
      typeof delaySeconds === 'number' && delaySeconds >= 0 && delaySeconds <= MAX_DELAY_SECONDS;
    if (!isDelay) {
      return refuse(invalid(`delay_seconds must be a number from 0 to ${MAX_DELAY_SECONDS}`));
    }
    const outcome = power.schedule(
      { action, delaySeconds, force: false },
      callerOf(headers).subject,
    );
    return outcome.ok ? jsonAnswer(outcome.value) : refuse(outcome.refusal);
  },
});
