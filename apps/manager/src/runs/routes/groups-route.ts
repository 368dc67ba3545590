/** `GET /v1/runs/:id/groups`. */
import { runGroupsSchema } from '@innkeeper/protocol';
import type { Database } from '../../database/database.ts';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../../http/route.ts';
import { groupRun } from '../groups/group-run.ts';
import type { RunLimits } from '../limits.ts';
import type { RunAccess } from '../run-access.ts';
import type { RunQuestions } from '../run-questions.ts';
import { RUN_PROBLEMS, tag } from './run-params.ts';

/** The first time, the outputs of a large run are read for it. */
const TIMEOUT_MS = 60_000;
const AT_ONCE = 2;

export const makeGroupsRoute = ({
  database,
  questions,
  access,
  limits,
}: {
  readonly database: Database;
  readonly questions: RunQuestions;
  readonly access: RunAccess;
  readonly limits: RunLimits;
}): AnyRoute => {
  let underWay = 0;
  return defineRoute({
    method: 'get',
    path: '/v1/runs/:id/groups',
    tag,
    summary: 'Which VMs ended in the same way, and how the others differ',
    access: { action: 'run.output' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'the largest group first', schema: runGroupsSchema } },
    problems: { ...RUN_PROBLEMS, '503 busy': 'others are being compared' },
    timeoutMs: TIMEOUT_MS,
    handle: async ({ actor, params, signal }) => {
      const found = await questions.find(actor, params.id);
      if (!found.ok) return found;
      if (underWay >= AT_ONCE) {
        const message = `${AT_ONCE} runs are being compared: try again in a moment`;
        return refuse({ status: 503, code: 'busy', message });
      }
      underWay += 1;
      try {
        const { run, executions } = found.value;
        const visible = executions.filter(({ vmId }) => access.may(actor, 'run.output', vmId));
        const options = { database, limits, signal };
        const body = await groupRun(options, run, visible, access.visibleVmIds(actor));
        return { ok: true, status: 200, body };
      } finally {
        underWay -= 1;
      }
    },
  });
};
