/** `GET /install.sh`: installs the agent on the machine that asks for it. */
import { defineRoute } from '../http/define-route.ts';
import { refuse, type Problem } from '../http/problem.ts';
import { nothing, type AnyRoute } from '../http/route.ts';
import type { RenderedScript } from './deployment.ts';

const SCRIPT_TYPE = 'text/x-shellscript; charset=utf-8';

export const NOT_BUILT: Problem = {
  status: 409,
  code: 'agent_not_built',
  message: 'this manager has no agent to hand out: `npm run build` makes it',
};

export const makeInstallRoute = (render: () => RenderedScript): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/install.sh',
    tag: 'Deployment',
    summary: 'A shell script that installs, upgrades or removes the agent',
    access: 'public',
    params: nothing,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'the script', contentType: SCRIPT_TYPE } },
    problems: {
      '409 public_url_missing': 'the manager does not know its address',
      '409 agent_not_built': 'there is nothing to install',
    },
    handle: async () => {
      const rendered = render();
      if (!rendered.ok) return refuse(rendered.problem);
      return { ok: true, status: 200, body: rendered.text, contentType: SCRIPT_TYPE };
    },
  });
