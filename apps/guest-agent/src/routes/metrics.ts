/** `GET /metrics`: Prometheus text, OpenMetrics, or the JSON sample. */
import type { Sample } from '@innkeeper/protocol';
import type { Collectors } from '../collectors/collectors.ts';
import { CONTENT_TYPES, type ExpositionFormat } from '../exposition/exposition.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import { metricsFormatOf } from './metrics-format.ts';
import { invalid, quote, type Route } from './route.ts';

export interface MetricsDependencies {
  readonly collectors: Collectors;
  readonly text: (format: ExpositionFormat, only: readonly string[] | undefined) => Promise<string>;
  readonly sample: () => Promise<Sample>;
}

/** As Prometheus configurations for node_exporter spell it. */
const COLLECT = 'collect[]';

export const makeMetricsRoute = (dependencies: MetricsDependencies): Route => {
  const { collectors, text, sample } = dependencies;
  const names = Object.keys(collectors);
  return {
    path: '/metrics',
    methods: ['GET'],
    access: { scope: 'metrics', beforeEnrolment: 'everybody', openToLoopback: true },
    query: ['format', COLLECT],
    handle: async (request) => {
      const format = metricsFormatOf(request);
      if (format === undefined) {
        return refuse(invalid('format must be prometheus, openmetrics or json'));
      }
      const only = request.query.get(COLLECT);
      const unknown = only?.find((name) => !names.includes(name));
      if (unknown !== undefined) {
        return refuse(invalid(`no collector ${quote(unknown)}; there are ${names.join(', ')}`));
      }
      if (format !== 'json') {
        const body = await text(format, only);
        return { status: 200, contentType: CONTENT_TYPES[format], body };
      }
      if (only !== undefined) {
        return refuse(invalid(`${COLLECT} selects metrics; a JSON sample is always whole`));
      }
      return jsonAnswer(await sample());
    },
  };
};
