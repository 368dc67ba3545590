import * as fc from 'fast-check';
import {
  Counter,
  Gauge,
  Registry,
  type OpenMetricsContentType,
  type PrometheusContentType,
} from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parseExposition, type ParsedSample } from '../testing/exposition-parser.ts';
import { CONTENT_TYPES, makeExpositions, type Exposition } from './exposition.ts';
import { formatLabels } from './labels.ts';

const FORMATS = ['prometheus', 'openmetrics'] as const;

const write = (format: (typeof FORMATS)[number], fill: (out: Exposition) => void): string => {
  const out = makeExpositions(format)();
  fill(out);
  return out.finish();
};

const example = (out: Exposition): void => {
  out.family('node_forks_total', 'counter', 'Forks.');
  out.sample('', 7);
  out.family('node_load1', 'gauge', 'Load.');
  out.sample('', 0.5);
  out.family('node_vmstat_pgpgin', 'untyped', 'pgpgin of /proc/vmstat.');
  out.sample('{a="b"}', 1);
  out.sample('{a="c"}', 2);
};

describe('makeExpositions', () => {
  it('writes the Prometheus text format', () => {
    expect(write('prometheus', example)).toBe(
      '# HELP node_forks_total Forks.\n' +
        '# TYPE node_forks_total counter\n' +
        'node_forks_total 7\n' +
        '# HELP node_load1 Load.\n' +
        '# TYPE node_load1 gauge\n' +
        'node_load1 0.5\n' +
        '# HELP node_vmstat_pgpgin pgpgin of /proc/vmstat.\n' +
        '# TYPE node_vmstat_pgpgin untyped\n' +
        'node_vmstat_pgpgin{a="b"} 1\n' +
        'node_vmstat_pgpgin{a="c"} 2\n',
    );
  });

  it('writes OpenMetrics: families without _total, unknown for untyped, and # EOF', () => {
    expect(write('openmetrics', example)).toBe(
      '# TYPE node_forks counter\n' +
        '# HELP node_forks Forks.\n' +
        'node_forks_total 7\n' +
        '# TYPE node_load1 gauge\n' +
        '# HELP node_load1 Load.\n' +
        'node_load1 0.5\n' +
        '# TYPE node_vmstat_pgpgin unknown\n' +
        '# HELP node_vmstat_pgpgin pgpgin of /proc/vmstat.\n' +
        'node_vmstat_pgpgin{a="b"} 1\n' +
        'node_vmstat_pgpgin{a="c"} 2\n' +
        '# EOF\n',
    );
  });

  it('writes no family without a sample, and no value that is unknown', () => {
    const text = write('prometheus', (out) => {
      out.family('empty', 'gauge', 'Nothing.');
      out.family('unknown', 'gauge', 'Nothing.');
      out.sample('', undefined);
      out.family('some', 'gauge', 'Some.');
      out.sample('{x="1"}', undefined);
      out.sample('{x="2"}', 0);
    });
    expect(text).toBe('# HELP some Some.\n# TYPE some gauge\nsome{x="2"} 0\n');
  });

  it('writes nothing but the end where there is nothing', () => {
    expect(write('prometheus', () => undefined)).toBe('');
    expect(write('openmetrics', () => undefined)).toBe('# EOF\n');
  });

  it.each(FORMATS)('starts each exposition anew in %s', (format) => {
    const make = makeExpositions(format);
    const [first, second] = [make(), make()];
    example(first);
    example(second);
    expect(second.finish()).toBe(first.finish());
    expect(make().finish()).toBe(write(format, () => undefined));
  });

  it.each([
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [0.1 + 0.2, '0.30000000000000004'],
    [-1, '-1'],
    [0, '0'],
    [Number.NaN, 'NaN'],
  ])('writes %d so that it is read back the same', (value, text) => {
    const written = write('prometheus', (out) => {
      out.family('x', 'gauge', 'X.');
      out.sample('', value);
    });
    expect(written).toContain(`x ${text}\n`);
    expect(parseExposition(written, 'prometheus').samples[0]?.value).toBe(value);
  });

  it('names the formats as their descriptions do', () => {
    expect(CONTENT_TYPES).toEqual({
      prometheus: 'text/plain; version=0.0.4; charset=utf-8',
      openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    });
  });

  it.each(FORMATS)('writes label values that %s gives back, whatever is in them', (format) => {
    const hostile = fc.constantFrom(
      '\\',
      '"',
      '\n',
      '\r',
      '}',
      '{',
      ',',
      '=',
      '# EOF',
      '\u2028',
      '\0',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc
        .array(fc.oneof(hostile, fc.string({ maxLength: 3 })), { maxLength: 8 })
        .map((parts) => parts.join('')),
      fc.string({
        unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)),
        maxLength: 4,
      }),
    );
    // What a scraper sees: a half of a surrogate pair has no UTF-8 and becomes U+FFFD.
    const overTheWire = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.double(),
        (values, number) => {
          const text = write(format, (out) => {
            out.family('x_total', 'counter', 'X.');
            values.forEach((one, index) => {
              out.sample(
                formatLabels({ index: String(index), value: one }),
                Number.isFinite(number) ? number : 1,
              );
            });
          });
          const { samples } = parseExposition(overTheWire(text), format);
          expect(samples.map(({ labels }) => labels['value'])).toEqual(values.map(overTheWire));
          expect(
            samples.every(({ value: read }) => read === (Number.isFinite(number) ? number : 1)),
          ).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('beside prom-client', () => {
  const HOSTILE = ['eth0', 'a"b', 'a\\b', 'a\nb', '\\n', 'é€😀', ''];
  const NUMBERS = [0, 1, 0.1, 1e21, 123_456_789.123, 1e-9, 42];

  const ours = (out: Exposition): void => {
    out.family('node_network_receive_bytes_total', 'counter', 'Bytes received.');
    HOSTILE.forEach((device, index) => out.sample(formatLabels({ device }), NUMBERS[index]));
    out.family('node_load1', 'gauge', 'Load.');
    out.sample('', 0.25);
    out.family('node_filesystem_size_bytes', 'gauge', 'Size.');
    HOSTILE.forEach((device, index) => {
      out.sample(formatLabels({ device, fstype: 'ext4' }), NUMBERS[index]);
    });
  };

  const theirs = async (
    contentType: PrometheusContentType | OpenMetricsContentType,
  ): Promise<string> => {
    const registry = new Registry<PrometheusContentType | OpenMetricsContentType>();
    registry.setContentType(contentType);
    const registers = [registry];
    const counter = new Counter({
      name: 'node_network_receive_bytes_total',
      help: 'Bytes received.',
      labelNames: ['device'],
      registers,
    });
    HOSTILE.forEach((device, index) => counter.inc({ device }, NUMBERS[index]));
    new Gauge({ name: 'node_load1', help: 'Load.', registers }).set(0.25);
    const labelNames = ['device', 'fstype'];
    const size = new Gauge({
      name: 'node_filesystem_size_bytes',
      help: 'Size.',
      labelNames,
      registers,
    });
    HOSTILE.forEach((device, index) => size.set({ device, fstype: 'ext4' }, NUMBERS[index] ?? 0));
    return registry.metrics();
  };

  const inOrder = (samples: readonly ParsedSample[]): readonly string[] =>
    samples.map((sample) => JSON.stringify(sample)).sort();

  it('says the same in the Prometheus text format', async () => {
    const mine = parseExposition(write('prometheus', ours), 'prometheus');
    const other = parseExposition(
      (await theirs(Registry.PROMETHEUS_CONTENT_TYPE)).replaceAll('\n\n', '\n'),
      'prometheus',
    );
    expect(inOrder(mine.samples)).toEqual(inOrder(other.samples));
    expect(mine.families).toEqual(other.families);
  });

  it('says the same in OpenMetrics', async () => {
    const mine = parseExposition(write('openmetrics', ours), 'openmetrics');
    const text = await theirs(Registry.OPENMETRICS_CONTENT_TYPE);
    const other = parseExposition(text.replaceAll('\n\n', '\n'), 'openmetrics');
    expect(inOrder(mine.samples)).toEqual(inOrder(other.samples));
    expect(mine.families).toEqual(other.families);
  });
});
