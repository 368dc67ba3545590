import { describe, expect, test } from 'vitest';
import { keptPath, parseKeptQuery } from './kept-query.ts';
import { changedHref, momentHref, parseLogQuery } from './log-query.ts';

const parse = (text: string) => parseLogQuery(new URLSearchParams(text));

describe('the address of a view', () => {
  test('holds filter, search, source and moment', () => {
    expect(
      parse(
        'tab=logs&level=warn&unit=a&unit=b%2Cc&stream=stderr&find=x+y&only=matches&source=file:/var/log/a&at=5&line=c1',
      ),
    ).toStrictEqual({
      filter: { level: 'warn', units: new Set(['a', 'b,c']), stream: 'stderr' },
      search: 'x y',
      onlyMatches: true,
      source: 'file:/var/log/a',
      moment: { at: 5, cursor: 'c1' },
    });
  });

  test.for([
    '',
    'level=loud&stream=both&source=passwd&source=file:x&at=-1',
    'at=1e99&only=1',
    'at=x',
  ])('%j holds nothing', (text) => {
    expect(parse(text)).toStrictEqual({
      filter: { level: undefined, units: new Set(), stream: undefined },
      search: '',
      onlyMatches: false,
      source: undefined,
      moment: undefined,
    });
  });

  test('keeps what else stands in it when something changes', () => {
    const query = new URLSearchParams('tab=logs&unit=a&unit=b&find=x');
    expect(changedHref('/vms/1', query, { find: undefined, unit: ['c&d', 'e'] })).toBe(
      '/vms/1?tab=logs&unit=c%26d&unit=e',
    );
    expect(changedHref('/', new URLSearchParams('a=1'), { a: undefined })).toBe('/');
  });

  test('of a line leads back to it', () => {
    const href = momentHref('vm-1', { at: 17, cursor: 's=1;i=2', source: 'kmsg' });
    const url = new URL(href, 'http://x');
    expect([url.pathname, url.searchParams.get('tab')]).toStrictEqual(['/vms/vm-1', 'logs']);
    expect(parseLogQuery(url.searchParams)).toMatchObject({
      moment: { at: 17, cursor: 's=1;i=2' },
      source: 'kmsg',
    });
  });
});

describe('the search among kept lines', () => {
  test('is of the last 24 hours unless another span is chosen', () => {
    const path = keptPath(
      parseKeptQuery(new URLSearchParams('q=a b&level=error&vm=v1')),
      90_000_000,
    );
    expect(path).toBe('/v1/logs/search?since=3600000&until=90000000&q=a+b&level=error&vm_id=v1');
  });

  test('is of a span of its own where two moments are given', () => {
    const query = parseKeptQuery(new URLSearchParams('from=5&to=9&range=1h'));
    expect(query.span).toBeUndefined();
    expect(keptPath(query, 100, 'next')).toBe('/v1/logs/search?since=5&until=9&cursor=next');
    expect(parseKeptQuery(new URLSearchParams('from=9&to=5')).span).toBe('24h');
  });
});
