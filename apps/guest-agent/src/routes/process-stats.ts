/**
 * `GET` and `POST /metrics/process-stats`: the VMs of this hypervisor as the host sees them. A POST
 * brings the manager's locators; it only asks, as a GET does.
 */
import { jsonAnswer, refuse } from '../http/answer.ts';
import type { Host } from '../host/host.ts';
import { parseRequest } from '../host/parse-request.ts';
import type { TextCodec } from '../platform/platform.ts';
import type { Route } from './route.ts';

/** `host` is undefined for an agent without that role. */
export const makeProcessStatsRoute = (
  host: Host | undefined,
  text: Pick<TextCodec, 'decodeUtf8'>,
): Route => ({
  path: '/metrics/process-stats',
  methods: ['GET', 'POST'],
  access: {
    scope: 'host',
    beforeEnrolment: 'loopback',
    openToLoopback: false,
    postOnlyAsks: true,
  },
  query: [],
  handle: async ({ method, body }) => {
    if (host === undefined) {
      return refuse({
        status: 404,
        code: 'not_found',
        message:
          'this agent does not have the role host: start it with --role host on a hypervisor',
      });
    }
    const isPost = method === 'POST';
    const parsed = isPost ? parseRequest(text.decodeUtf8(body)) : undefined;
    if (parsed?.ok === false) {
      const { status, message } = parsed;
      return refuse({ status, code: status === 400 ? 'malformed_request' : 'invalid', message });
    }
    const { vms = [], pss = false } = parsed?.request ?? {};
    const outcome = await host.processStats(vms, pss);
    if (outcome.ok) return jsonAnswer(outcome.value);
    return refuse({
      status: 503,
      code: 'unreadable',
      message: `cannot list processes: ${outcome.error.message}`,
    });
  },
});
