import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExposition } from '../../../../test/support/exposition-text.ts';
import { acceptsOpenMetrics, histogramText, labelsText, toOpenMetrics } from './exposition.ts';

describe('label values', () => {
  test('come back whole, whatever is in them', () => {
    const values = fc.string({ unit: 'binary' }).filter((text) => !/[\r\u2028\u2029]/u.test(text));
    fc.assert(
      fc.property(values, (value) => {
        const text = `# HELP a A.\n# TYPE a gauge\na${labelsText({ x: value })} 1\n`;
        expect(parseExposition(text).get('a')?.samples[0]?.labels['x']).toBe(value);
        expect(text.split('\n')).toHaveLength(4);
      }),
    );
  });
});

describe('a histogram', () => {
  test('adds its buckets up', () => {
    const counts = { bounds: [0.1, 1], counts: [2, 3, 4], sum: 12.5, count: 9 };
    expect(histogramText('h_seconds', 'H.', [[{ agent: 'guest' }, counts]])).toBe(
      [
        '# HELP h_seconds H.',
        '# TYPE h_seconds histogram',
        'h_seconds_bucket{agent="guest",le="0.1"} 2',
        'h_seconds_bucket{agent="guest",le="1"} 5',
        'h_seconds_bucket{agent="guest",le="+Inf"} 9',
        'h_seconds_sum{agent="guest"} 12.5',
        'h_seconds_count{agent="guest"} 9',
        '',
      ].join('\n'),
    );
  });
});

describe('OpenMetrics', () => {
  test('names the family of a counter, and only that, without _total', () => {
    const text = [
      '# HELP a_total A.',
      '# TYPE a_total counter',
      'a_total{x="# TYPE b_total counter"} 1',
      '# HELP b_total A gauge.',
      '# TYPE b_total gauge',
      'b_total 2',
      '',
    ].join('\n');
    expect(toOpenMetrics(text)).toBe(
      [
        '# HELP a A.',
        '# TYPE a counter',
        'a_total{x="# TYPE b_total counter"} 1',
        '# HELP b_total A gauge.',
        '# TYPE b_total gauge',
        'b_total 2',
        '',
      ].join('\n'),
    );
  });

  test.each([
    [undefined, false],
    ['*/*', false],
    ['text/plain', false],
    ['application/openmetrics-text', true],
    [
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      true,
    ],
    ['application/openmetrics-text;q=0.2,text/plain;q=0.9', false],
    ['application/openmetrics-text;q=0', false],
    ['Application/OpenMetrics-Text ; Q=1', true],
    [';;;,,,q=,application/openmetrics-text;q=x', false],
  ])('is what %s asks for: %s', (accept, expected) => {
    expect(acceptsOpenMetrics(accept)).toBe(expected);
  });
});
