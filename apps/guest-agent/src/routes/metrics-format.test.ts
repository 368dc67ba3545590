import { describe, expect, it } from 'vitest';
import { makeRequest } from '../testing/make-request.ts';
import { metricsFormatOf, type MetricsFormat } from './metrics-format.ts';

const formatFor = (accept?: string, query = ''): MetricsFormat | undefined =>
  metricsFormatOf(
    makeRequest({ target: `/metrics${query}`, headers: accept === undefined ? {} : { accept } }),
  );

describe('metricsFormatOf', () => {
  it.each([
    [
      'Prometheus 2.42',
      'openmetrics',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    ],
    [
      'Prometheus 2.53',
      'openmetrics',
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    ],
    [
      'Prometheus 2.53 with native histograms',
      'openmetrics',
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    ],
    [
      'Prometheus 3',
      'openmetrics',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    ],
    ['Prometheus told to scrape text', 'prometheus', 'text/plain;version=0.0.4;q=0.6,*/*;q=0.5'],
    ['curl', 'prometheus', '*/*'],
    [
      'Firefox',
      'prometheus',
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    ],
    ['the manager', 'json', 'application/json'],
    ['a client of JSON with a fallback', 'json', 'application/json, text/plain;q=0.9'],
    ['a client in capitals', 'json', 'APPLICATION/JSON;Q=1'],
    ['nobody in particular', 'prometheus', ''],
    ['nobody', 'prometheus', undefined],
  ])('answers %s as %s', (_, format, accept) => {
    expect(formatFor(accept)).toBe(format);
  });

  it.each([
    ['the greater weight', 'text/plain;q=0.5,application/json;q=0.6', 'json'],
    ['the first of equal weights', 'application/json,text/plain', 'json'],
    [
      'the first of equal weights, the other way round',
      'text/plain,application/json',
      'prometheus',
    ],
    ['what is not forbidden', 'application/json;q=0,text/plain;q=0.1', 'prometheus'],
    ['text where all else is forbidden', 'application/json;q=0', 'prometheus'],
    ['nothing that has a weight above 1', 'application/json;q=7,text/plain;q=0.1', 'prometheus'],
    ['nothing that has a negative weight', 'application/json;q=-1', 'prometheus'],
    ['nothing whose weight is no number', 'application/json;q=x,text/plain;q=0.1', 'prometheus'],
    [
      'a weight after other parameters',
      'application/json;charset=utf-8 ; q=0.1,text/plain;q=0',
      'json',
    ],
    ['text for garbage', ';;;,,=q;q=q,/,application/', 'prometheus'],
    ['text for a type that only begins like one', 'application/jsonx,text/plainer', 'prometheus'],
  ])('takes %s', (_, accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });

  it('looks only at the start of a header that is endless', () => {
    expect(formatFor(`${'text/html,'.repeat(1000)}application/json`)).toBe('prometheus');
  });

  it.each(['prometheus', 'openmetrics', 'json', 'compact'])(
    'takes ?format=%s for the last word',
    (format) => {
      expect(formatFor('application/json', `?format=${format}`)).toBe(format);
      expect(formatFor('text/plain', `?format=${format}`)).toBe(format);
    },
  );

  it.each(['xml', '', 'JSON', 'constructor'])('knows no ?format=%s', (format) => {
    expect(formatFor('application/json', `?format=${format}`)).toBeUndefined();
  });
});
