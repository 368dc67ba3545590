/** What is searched among the kept lines: it is in the address too. */
import type { LogLevel } from '@innkeeper/protocol';
import { LEVELS } from './row.ts';

export interface KeptQuery {
  readonly text: string;
  readonly level: LogLevel | undefined;
  readonly unit: string;
  /** A span that ends now, by its name; or two moments. */
  readonly span: SpanName | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly vmIds: readonly string[];
}

const HOUR_MS = 3_600_000;
export const SPANS = [
  ['1h', 'Last hour', HOUR_MS],
  ['6h', 'Last 6 hours', 6 * HOUR_MS],
  ['24h', 'Last 24 hours', 24 * HOUR_MS],
  ['7d', 'Last 7 days', 7 * 24 * HOUR_MS],
  ['30d', 'Last 30 days', 30 * 24 * HOUR_MS],
] as const;
export type SpanName = (typeof SPANS)[number][0];
const DEFAULT_SPAN: SpanName = '24h';

const moment = (text: string | null): number | undefined => {
  const value = Number(text ?? NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
};

export const parseKeptQuery = (query: URLSearchParams): KeptQuery => {
  const from = moment(query.get('from'));
  const to = moment(query.get('to'));
  const isFixed = from !== undefined && to !== undefined && from < to;
  return {
    text: (query.get('q') ?? '').slice(0, 256),
    level: LEVELS.find((level) => level === query.get('level')),
    unit: (query.get('unit') ?? '').slice(0, 256),
    span: isFixed
      ? undefined
      : (SPANS.find(([name]) => name === query.get('range'))?.[0] ?? DEFAULT_SPAN),
    from: isFixed ? from : undefined,
    to: isFixed ? to : undefined,
    vmIds: query.getAll('vm'),
  };
};

/** Where the span begins and ends. */
export const spanOf = (
  { span, from, to }: KeptQuery,
  now: number,
): { readonly from: number; readonly to: number } => {
  if (from !== undefined && to !== undefined) return { from, to };
  const length = SPANS.find(([name]) => name === span)?.[2] ?? HOUR_MS;
  return { from: now - length, to: now };
};

/** @param now when the search was begun: its pages and its histogram are of the same span */
export const keptPath = (query: KeptQuery, now: number, cursor?: string): string => {
  const { from, to } = spanOf(query, now);
  const parameters = new URLSearchParams({ since: String(from), until: String(to) });
  if (query.text !== '') parameters.set('q', query.text);
  if (query.level !== undefined) parameters.set('level', query.level);
  if (query.unit !== '') parameters.set('unit', query.unit);
  for (const id of query.vmIds) parameters.append('vm_id', id);
  if (cursor !== undefined) parameters.set('cursor', cursor);
  return `/v1/logs/search?${parameters.toString()}`;
};
