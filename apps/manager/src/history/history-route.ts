/** `GET /v1/vms/:id/metrics/history`: what was stored of a VM, over any range. */
import {
  historySchema,
  MAX_HISTORY_POINTS,
  METRIC_FIELDS,
  metricFieldSchema,
  type MetricField,
} from '@innkeeper/protocol';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { countUpTo } from '../http/query-count.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import { makeAtMost } from './at-most.ts';
import { momentSchema, rangeProblem } from './query-schemas.ts';
import type { ReadHistory } from './read-history.ts';

const HOUR_MS = 3_600_000;
/** Longer than any tier can be told to keep. */
const MAX_RANGE_MS = 3_670 * 24 * HOUR_MS;
const DEFAULT_POINTS = 500;
const DEFAULT_FIELDS: readonly MetricField[] = [
  'cpu_usage_percent',
  'memory_usage_percent',
  'network_rx_bytes_per_second',
  'network_tx_bytes_per_second',
  'disk_read_bytes_per_second',
  'disk_write_bytes_per_second',
];
/** All fields, and the commas between them. */
const MAX_FIELDS_TEXT = METRIC_FIELDS.join(',').length;
const FIELDS_PROBLEM = `must be names joined by commas; accepted are ${METRIC_FIELDS.join(', ')}`;

const fieldsSchema = z
  .string()
  .max(MAX_FIELDS_TEXT, FIELDS_PROBLEM)
  .transform((text) => [...new Set(text.split(','))])
  .pipe(
    z
      .array(metricFieldSchema)
      .catch([])
      .refine((fields) => fields.length > 0, FIELDS_PROBLEM),
  );

const querySchema = z.strictObject({
  from: momentSchema.optional().describe('unix milliseconds; left out: an hour before `to`'),
  to: momentSchema.optional().describe('unix milliseconds; left out: now'),
  points: countUpTo(MAX_HISTORY_POINTS)
    .optional()
    .describe(`steps, about: 1 to ${MAX_HISTORY_POINTS}, ${DEFAULT_POINTS} where it is left out`),
  fields: fieldsSchema
    .optional()
    .describe(`names joined by commas; left out: ${DEFAULT_FIELDS.join(', ')}`),
});

/** Of the connections that the manager has, so that some are left for what writes. */
const MAX_READERS = 3;
const MAX_WAITING = 200;

const busy = refuse({
  status: 503,
  code: 'busy',
  message: 'too many histories are being read; try again soon',
  headers: { 'retry-after': '1' },
});

export const makeHistoryRoute = ({
  history,
  clock,
}: {
  readonly history: ReadHistory;
  readonly clock: Pick<Clock, 'now'>;
}): AnyRoute => {
  const readers = makeAtMost(MAX_READERS, MAX_WAITING);
  return defineRoute({
    method: 'get',
    path: '/v1/vms/:id/metrics/history',
    tag: 'Metrics',
    summary: 'Averages and maxima of a VM over a range; gaps are null',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: querySchema,
    body: nothing,
    answers: { 200: { description: 'Steps of equal length', schema: historySchema } },
    problems: { '503 busy': 'too many histories are being read' },
    handle: async ({ vm, query }) => {
      const to = query.to ?? clock.now();
      const from = query.from ?? to - HOUR_MS;
      const problem = rangeProblem({ from, to }, MAX_RANGE_MS);
      if (problem !== undefined) return refuse({ status: 422, code: 'invalid', message: problem });
      const { points = DEFAULT_POINTS, fields = DEFAULT_FIELDS } = query;
      const wanted = { vmKey: vm.key, from, to, points, fields };
      const found = await readers.run(async () => history(wanted));
      if (found === undefined) return busy;
      return { ok: true, status: 200, body: { vm_id: vm.id, ...found } };
    },
  });
};
