/** `GET /processes?top=N&by=cpu|memory|io`: what runs, and what it takes. */
import type { ProcessList, ProcessOrder } from '@innkeeper/protocol';
import { jsonAnswer, refuse } from '../http/answer.ts';
import type { ProcessFacts } from '../processes/process-facts.ts';
import type { ProcessTable } from '../processes/process-table.ts';
import { topProcesses } from '../processes/top.ts';
import { invalid, type Route } from './route.ts';

const DEFAULT_TOP = 20;
const MAX_TOP = 1000;
/** Somebody who asks wants to see now; a second is the window that a share of a CPU needs anyway. */
const MAX_AGE_MS = 1_000;

const isOrder = (text: string): text is ProcessOrder =>
  text === 'cpu' || text === 'memory' || text === 'io';

const parseTop = (text: string | undefined): number | undefined => {
  if (text === undefined) return DEFAULT_TOP;
  const top = /^\d{1,5}$/u.test(text) ? Number(text) : 0;
  return top >= 1 && top <= MAX_TOP ? top : undefined;
};

export const makeProcessesRoute = (table: ProcessTable, facts: ProcessFacts): Route => ({
  path: '/processes',
  methods: ['GET'],
  access: { scope: 'metrics', beforeEnrolment: 'loopback', openToLoopback: false },
  query: ['top', 'by'],
  handle: (request) => {
    const top = parseTop(request.query.get('top')?.[0]);
    if (top === undefined) {
      return refuse(invalid(`top must be a whole number from 1 to ${MAX_TOP}`));
    }
    const by = request.query.get('by')?.[0] ?? 'cpu';
    if (!isOrder(by)) return refuse(invalid('by must be cpu, memory or io'));
    const outcome = table.snapshot(MAX_AGE_MS);
    if (!outcome.ok) {
      return refuse({
        status: 503,
        code: 'unreadable',
        message: `cannot list processes: ${outcome.error.message}`,
      });
    }
    const snapshot = outcome.value;
    const list: ProcessList = {
      taken_at: snapshot.takenAtMs,
      window_seconds: snapshot.windowSeconds ?? null,
      total: snapshot.processes.length,
      by_state: Object.fromEntries(snapshot.byState),
      threads: snapshot.threads,
      by,
      processes: topProcesses(snapshot, by, top, facts.read()),
    };
    return jsonAnswer(list);
  },
});
