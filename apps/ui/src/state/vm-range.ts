/** Which time a page shows, as its address says it: `range=6h`, or `from` and `to`, or live. */

export type VmRange =
  | { readonly kind: 'live' }
  /** Up to now, and going on. */
  | { readonly kind: 'last'; readonly name: string; readonly ms: number }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const LIVE_MS = 5 * MINUTE_MS;

const LAST: readonly (readonly [name: string, ms: number])[] = [
  ['15m', 15 * MINUTE_MS],
  ['1h', HOUR_MS],
  ['6h', 6 * HOUR_MS],
  ['24h', DAY_MS],
  ['7d', 7 * DAY_MS],
  ['30d', 30 * DAY_MS],
];

/** The ranges to choose from, shortest first. */
export const RANGES: readonly VmRange[] = [
  { kind: 'live' },
  ...LAST.map(([name, ms]) => ({ kind: 'last', name, ms }) as const),
];

const MAX_MOMENT = 1e15;

const parseMoment = (text: string | null): number | undefined => {
  if (text === null || !/^\d{1,15}$/u.test(text)) return undefined;
  const moment = Number(text);
  return moment < MAX_MOMENT ? moment : undefined;
};

/** What nobody can mean is live. */
export const parseRange = (query: URLSearchParams): VmRange => {
  const from = parseMoment(query.get('from'));
  const to = parseMoment(query.get('to'));
  if (from !== undefined && to !== undefined && from < to) return { kind: 'fixed', from, to };
  const name = query.get('range');
  const last = RANGES.find((range) => range.kind === 'last' && range.name === name);
  return last ?? { kind: 'live' };
};

/** The parameters of the address that mean this range. */
export const rangeQuery = (
  range: VmRange,
): { readonly range: string | null; readonly from: string | null; readonly to: string | null } => ({
  range: range.kind === 'last' ? range.name : null,
  from: range.kind === 'fixed' ? String(Math.round(range.from)) : null,
  to: range.kind === 'fixed' ? String(Math.round(range.to)) : null,
});

export const rangeName = (range: VmRange): string => {
  if (range.kind === 'live') return 'Live';
  return range.kind === 'last' ? range.name : 'Custom';
};

const lengthOf = (range: VmRange): number => {
  if (range.kind === 'live') return LIVE_MS;
  return range.kind === 'last' ? range.ms : range.to - range.from;
};

/** The next shorter or longer one; undefined where there is none. */
export const stepRange = (range: VmRange, direction: -1 | 1): VmRange | undefined => {
  const length = lengthOf(range);
  return direction === 1
    ? RANGES.find((one) => lengthOf(one) > length)
    : RANGES.findLast((one) => lengthOf(one) < length);
};

/** The same range for two addresses that mean the same. */
export const rangeKey = (range: VmRange): string =>
  range.kind === 'fixed' ? `${range.from}-${range.to}` : rangeName(range);
