/** What of a view of logs is in the address: its filter, its search, and a moment if there is one. */
import type { LogSource } from '@innkeeper/protocol';
import type { Filter } from './filter.ts';
import { LEVELS } from './row.ts';
import type { Moment } from './page-loader.ts';

export interface LogQuery {
  readonly filter: Filter;
  readonly search: string;
  readonly onlyMatches: boolean;
  readonly source: LogSource | undefined;
  readonly moment: Moment | undefined;
}

const MOST_UNITS = 50;
const MOST_TEXT = 256;
const MOST_CURSOR = 300;

const parseSource = (text: string | null): LogSource | undefined => {
  if (text === 'journal' || text === 'kmsg' || text === 'agent') return text;
  return text?.startsWith('file:/') === true && text.length <= 1000 ? text : undefined;
};

const parseMoment = (query: URLSearchParams): Moment | undefined => {
  const at = Number(query.get('at') ?? NaN);
  if (!Number.isSafeInteger(at) || at < 0) return undefined;
  const cursor = query.get('line');
  const isCursor = cursor !== null && cursor !== '' && cursor.length <= MOST_CURSOR;
  return { at, cursor: isCursor ? cursor : undefined };
};

export const parseLogQuery = (query: URLSearchParams): LogQuery => {
  const stream = query.get('stream');
  return {
    filter: {
      level: LEVELS.find((level) => level === query.get('level')),
      units: new Set(query.getAll('unit').slice(0, MOST_UNITS)),
      stream: stream === 'stdout' || stream === 'stderr' ? stream : undefined,
    },
    search: (query.get('find') ?? '').slice(0, MOST_TEXT),
    onlyMatches: query.get('only') === 'matches',
    source: parseSource(query.get('source')),
    moment: parseMoment(query),
  };
};

export type LogChanges = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The same place with these parameters changed; undefined takes one away. */
export const changedHref = (path: string, query: URLSearchParams, changes: LogChanges): string => {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    changed.delete(name);
    const all = typeof value === 'string' ? [value] : (value ?? []);
    for (const one of all) changed.append(name, one);
  }
  const search = changed.toString();
  return `${path}${search === '' ? '' : `?${search}`}`;
};

/** A VM's logs at a moment, with the line in sight if it still exists. */
export const momentHref = (
  vmId: string,
  {
    at,
    cursor,
    source,
  }: { readonly at: number; readonly cursor?: string; readonly source?: string | undefined },
): string =>
  changedHref(`/vms/${encodeURIComponent(vmId)}`, new URLSearchParams(), {
    tab: 'logs',
    at: String(at),
    line: cursor,
    source,
  });
