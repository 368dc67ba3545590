/**
 * Which form of the metrics a client wants: `?format=` decides, else its Accept header. The compact
 * sample is only for who asks for it by name.
 */
import type { ExpositionFormat } from '../exposition/exposition.ts';
import type { HttpRequest } from '../http/message.ts';

export type MetricsFormat = ExpositionFormat | 'json' | 'compact';

const FORMATS: ReadonlySet<string> = new Set(['prometheus', 'openmetrics', 'json', 'compact']);

const isFormat = (text: string): text is MetricsFormat => FORMATS.has(text);

const MEDIA_TYPES: ReadonlyMap<string, MetricsFormat> = new Map([
  ['application/openmetrics-text', 'openmetrics'],
  ['text/plain', 'prometheus'],
  ['application/json', 'json'],
]);

const weightOf = (parameters: readonly string[]): number => {
  const weight = parameters.find((parameter) => /^\s*q=/iu.test(parameter))?.split('=')[1];
  const value = Number(weight ?? 1);
  return value >= 0 && value <= 1 ? value : 0;
};

/** The known type of the highest weight, of equals the first. Anything else is Prometheus text. */
const negotiate = (accept: string): MetricsFormat => {
  let best: MetricsFormat = 'prometheus';
  let bestWeight = 0;
  for (const range of accept.slice(0, 1000).split(',')) {
    const [type = '', ...parameters] = range.split(';');
    const format = MEDIA_TYPES.get(type.trim().toLowerCase());
    const weight = weightOf(parameters);
    if (format === undefined || weight <= bestWeight) continue;
    best = format;
    bestWeight = weight;
  }
  return best;
};

/** Undefined where `?format=` names a format that there is not. */
export const metricsFormatOf = (
  request: Pick<HttpRequest, 'query' | 'headers'>,
): MetricsFormat | undefined => {
  const [asked] = request.query.get('format') ?? [];
  if (asked === undefined) return negotiate(request.headers.get('accept') ?? '');
  return isFormat(asked) ? asked : undefined;
};
