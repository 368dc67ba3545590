/** `GET /metrics`: Prometheus text, OpenMetrics, or the JSON sample, whole or compact. */
import type { Sample } from '@innkeeper/protocol';
import type { Collectors } from '../collectors/collectors.ts';
import { CONTENT_TYPES, type ExpositionFormat } from '../exposition/exposition.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import type { HttpResponse } from '../http/message.ts';
import { makeCompactSamples } from '../sample/compact.ts';
import { metricsFormatOf } from './metrics-format.ts';
import { invalid, quote, type Route } from './route.ts';

export interface MetricsDependencies {
  readonly collectors: Collectors;
  readonly text: (format: ExpositionFormat, only: readonly string[] | undefined) => Promise<string>;
  readonly sample: () => Promise<Sample>;
}

/** As Prometheus configurations for node_exporter spell it. */
const COLLECT = 'collect[]';
const COMPACT_TYPE = 'application/vnd.innkeeper.sample+json';

export const makeMetricsRoute = (dependencies: MetricsDependencies): Route => {
  const { collectors, text, sample } = dependencies;
  const names = Object.keys(collectors);
  const compactSample = makeCompactSamples();

  const compactAnswer = (whole: Sample, asked: string | undefined): HttpResponse => {
    const answer = compactSample(whole, asked);
    if (answer.form === 'compact') return { ...jsonAnswer(answer.row), contentType: COMPACT_TYPE };
    const headers = answer.id === undefined ? {} : { 'Sample-Schema': answer.id };
    return { ...jsonAnswer(whole), headers };
  };

  return {
    path: '/metrics',
    methods: ['GET'],
    access: { scope: 'metrics', beforeEnrolment: 'everybody', openToLoopback: true },
    query: ['format', 'schema', COLLECT],
    handle: async ({ query, headers }) => {
      const format = metricsFormatOf({ query, headers });
      if (format === undefined) {
        return refuse(invalid('format must be prometheus, openmetrics or json, or compact'));
      }
      const only = query.get(COLLECT);
      const unknown = only?.find((name) => !names.includes(name));
      if (unknown !== undefined) {
        return refuse(invalid(`no collector ${quote(unknown)}; there are ${names.join(', ')}`));
      }
      const asked = query.get('schema')?.[0];
      if (asked !== undefined && format !== 'compact') {
        return refuse(invalid('schema belongs to format=compact'));
      }
      if (format !== 'json' && format !== 'compact') {
        const body = await text(format, only);
        return { status: 200, contentType: CONTENT_TYPES[format], body };
      }
      if (only !== undefined) {
        return refuse(invalid(`${COLLECT} selects metrics; a JSON sample is always whole`));
      }
      const whole = await sample();
      return format === 'json' ? jsonAnswer(whole) : compactAnswer(whole, asked);
    },
  };
};
