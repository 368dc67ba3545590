/** `GET /v1/vms/:id/processes/history`: the busiest processes of a VM at a moment that is over. */
import { processSnapshotSchema, type ProcessSnapshot } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../database/database.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import { momentSchema } from './query-schemas.ts';
import { getProcessSnapshot } from './sql/get-process-snapshot.ts';

/** One list a minute, and one that is missing is bridged. */
const WITHIN_MS = 120_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const inWords = (ms: number): string =>
  ms % DAY_MS === 0 ? `${ms / DAY_MS} d` : `${Math.floor(ms / HOUR_MS)} h`;

export const makeSnapshotRoute = ({
  database,
  keepMs,
}: {
  readonly database: Queryable;
  readonly keepMs: number;
}): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/processes/history',
    tag: 'Metrics',
    summary: 'The busiest processes of a VM at a past moment, or at most two minutes before it',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: z.strictObject({ at: momentSchema }),
    body: nothing,
    answers: { 200: { description: 'The list of that minute', schema: processSnapshotSchema } },
    problems: { '404 no_snapshot': 'no list was stored within two minutes before that moment' },
    handle: async ({ vm, query: { at } }) => {
      const from = Math.max(0, at - WITHIN_MS);
      const found = await getProcessSnapshot(database, vm.key, from, at);
      if (found === undefined) {
        return refuse({
          status: 404,
          code: 'no_snapshot',
          message:
            'no list of processes is stored from the two minutes before that moment: there is ' +
            `one a minute while the guest’s agent answers, kept for ${inWords(keepMs)}`,
        });
      }
      const body: ProcessSnapshot = {
        vm_id: vm.id,
        taken_at: found.at,
        processes: found.processes,
      };
      return { ok: true, status: 200, body };
    },
  });
