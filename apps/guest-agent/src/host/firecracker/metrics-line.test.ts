import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetricsLine } from './metrics-line.ts';

const NET = { rx_bytes_count: 10, rx_packets_count: 1, tx_bytes_count: 20, tx_packets_count: 2 };
const BLOCK = { read_bytes: 512, read_count: 1, write_bytes: 4096, write_count: 2 };

const textOf = (fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ utc_timestamp_ms: 1_760_000_000_000, ...fields });

const onlyLine = (text: string) => {
  const pieces = parseMetricsLine(text);
  const [piece] = pieces;
  if (pieces.length !== 1 || piece?.ok !== true) throw new Error(JSON.stringify(pieces));
  return piece.line;
};

const NET_DELTA = { receivedBytes: 10, receivedPackets: 1, sentBytes: 20, sentPackets: 2 };

describe('parseMetricsLine', () => {
  it('reads devices by their id, and never the sums beside them', () => {
    const line = onlyLine(
      textOf({
        net_eth0: { ...NET, tap_write_agg: { min_us: 1, max_us: 2, sum_us: 3 } },
        net: NET,
        block_rootfs: BLOCK,
        block: BLOCK,
        vhost_user_block_data: { activate_fails: 0 },
        logger: { missed_metrics_count: 3, metrics_fails: 1, missed_log_count: 7 },
      }),
    );
    expect(line).toEqual({
      utcTimestampMs: 1_760_000_000_000,
      net: new Map([['eth0', NET_DELTA]]),
      block: new Map([['rootfs', { readBytes: 512, reads: 1, writtenBytes: 4096, writes: 2 }]]),
      missedMetrics: 3,
      processMark: undefined,
      hasOnlySums: false,
    });
  });

  it.each([
    ['net', { net: NET, block: { ...BLOCK, read_bytes: 0 } }],
    ['block', { block: BLOCK, net_eth0: NET }],
  ])('says when there was traffic but only a sum of it: %s', (_, fields) => {
    expect(onlyLine(textOf(fields)).hasOnlySums).toBe(true);
  });

  it('takes a machine without devices, whose sums are 0, for just that', () => {
    const zero = { rx_bytes_count: 0, rx_packets_count: 0, tx_bytes_count: 0, tx_packets_count: 0 };
    expect(onlyLine(textOf({ net: zero })).hasOnlySums).toBe(false);
  });

  it('tells processes apart where the jailer told them when they started', () => {
    const started = { process_startup_time_us: 7000, process_startup_time_cpu_us: 2000 };
    expect(onlyLine(textOf({ api_server: started })).processMark).toBe('7000/2000');
    expect(
      onlyLine(textOf({ api_server: { ...started, process_startup_time_us: 0 } })).processMark,
    ).toBeUndefined();
  });

  it.each([
    ['no JSON', 'x', 'no {"utc_timestamp_ms":…'],
    ['torn JSON', '{"utc_timestamp_ms":1', 'no JSON'],
    ['no object', '[]', 'no {"utc_timestamp_ms":…'],
    ['no time', '{}', 'no {"utc_timestamp_ms":…'],
    ['a time that is none', '{"utc_timestamp_ms":"1"}', 'utc_timestamp_ms'],
    ['a time before 1970', '{"utc_timestamp_ms":-1}', 'utc_timestamp_ms'],
    ['a device that is no object', textOf({ net_eth0: 1 }), 'the counters of a net_… device'],
    ['a counter that is missing', textOf({ block_a: {} }), 'the counters of a block_… device'],
    [
      'a negative counter',
      textOf({ net_a: { ...NET, rx_bytes_count: -1 } }),
      'the counters of a net_… device',
    ],
    [
      'a counter beyond any traffic',
      textOf({ net_a: { ...NET, rx_bytes_count: 2 ** 60 } }),
      'the counters of a net_… device',
    ],
    [
      'half a byte',
      textOf({ block_a: { ...BLOCK, read_bytes: 0.5 } }),
      'the counters of a block_… device',
    ],
    ['a device without an id', textOf({ net_: NET }), 'a device id after net_'],
    ['an endless id', textOf({ [`net_${'x'.repeat(65)}`]: NET }), 'a device id after net_'],
    [
      'a missed count that is none',
      textOf({ logger: { missed_metrics_count: 'x' } }),
      'logger.missed_metrics_count',
    ],
  ])('is malformed: %s', (_, text, problem) => {
    expect(parseMetricsLine(text)).toEqual([{ ok: false, problem }]);
  });

  it('bounds the number of devices', () => {
    const devices = Object.fromEntries(
      Array.from({ length: 257 }, (_, index) => [`net_${index}`, NET]),
    );
    expect(parseMetricsLine(textOf(devices))).toEqual([
      { ok: false, problem: 'more than 256 net_…' },
    ]);
  });

  it('is not led astray by names that objects inherit', () => {
    const text = `{"utc_timestamp_ms":1,"__proto__":{"net_x":1},"net___proto__":${JSON.stringify(NET)}}`;
    expect([...onlyLine(text).net.keys()]).toEqual(['__proto__']);
  });

  const whole = textOf({ net_eth0: NET });

  it.each([
    ['one torn piece', `{"utc_timestamp_ms":1,"net_eth0":{"rx${whole}`, [false, true]],
    ['the end of a piece', `:0}}${whole}`, [false, true]],
    ['torn after the first character', `{${whole}`, [false, true]],
    ['several', `{"utc_timestamp_ms":1{"utc_timestamp_ms":2,${whole}`, [false, false, true]],
    ['nothing but pieces', '{"utc_timestamp_ms":1{"utc_timestamp_ms":2', [false, false]],
    ['a line of which only the newline is missing', whole + whole, [true, true]],
  ])('finds the line behind what a full pipe tore: %s', (_, text, expected) => {
    const pieces = parseMetricsLine(text);
    expect(pieces.map(({ ok }) => ok)).toEqual(expected);
    const last = pieces.at(-1);
    if (last?.ok === true) expect([...last.line.net]).toEqual([['eth0', NET_DELTA]]);
  });

  it('parses no more than the last few pieces of a text that is all beginnings', () => {
    const pieces = parseMetricsLine('{"utc_timestamp_ms":'.repeat(3000) + whole.slice(20));
    expect(pieces).toHaveLength(3000);
    expect(pieces.filter((piece) => !piece.ok && piece.problem === 'no JSON')).toHaveLength(15);
    expect(pieces.at(-1)?.ok).toBe(true);
  });

  it('gives something for every text', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .array(fc.constantFrom('{"utc_timestamp_ms":', '1', '{', '}', ',"net_a":', whole, ' '))
        .map((parts) => parts.join('')),
      fc.jsonValue().map((value) => textOf({ net_a: value, logger: value, api_server: value })),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        expect(parseMetricsLine(text).length).toBeGreaterThan(0);
      }),
    );
  });
});
