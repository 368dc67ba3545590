import { sampleSchema, type Sample } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { makeSampleDecoder, type DecodedSample, type SampleAnswer } from './sample-decoder.ts';

const COMPACT = 'application/vnd.innkeeper.sample+json';
const ID = 'abc-1.x_Y';

const seconds = (from: number) => ({
  user: from,
  nice: from + 0.25,
  system: from + 1,
  idle: from + 2,
  iowait: null,
  irq: from + 3,
  softirq: from + 4,
  steal: from + 5,
  guest: null,
  guest_nice: null,
});

const STALL = { avg10: 1.5, avg60: 100, avg300: 0, total_seconds: 12.000001 };

const SAMPLE: Sample = {
  vm_id: 'vm-1',
  boot_id: 'boot-1',
  taken_at: 1_795_151_620_727,
  uptime_seconds: 1000.5,
  cpu_usage_percent: 12.345,
  memory_usage_percent: 25,
  memory_used_kb: 1_000_000,
  memory_total_kb: 4_000_000,
  memory_available_kb: 3_000_000,
  load_average: 0.5,
  process_count: 71,
  cpu: {
    count: 2,
    seconds: seconds(10),
    cores: [
      { cpu: 0, seconds: seconds(20) },
      { cpu: 3, seconds: seconds(30) },
    ],
  },
  memory: {
    total_bytes: 4_096_000_000,
    available_bytes: 3_072_000_000,
    used_bytes: 1_024_000_000,
    free_bytes: 512_000_000,
    buffers_bytes: null,
    cached_bytes: 7,
    shared_bytes: 8,
    slab_reclaimable_bytes: 9,
    dirty_bytes: 10,
    committed_bytes: 11,
  },
  swap: null,
  load: { load1: 0.5, load5: 0.4, load15: 0.3 },
  pressure: { cpu: { some: STALL, full: null }, memory: null, io: { some: STALL, full: STALL } },
  disks: [
    {
      device: 'vda',
      reads_completed_total: 1,
      read_bytes_total: 18_446_744_073_709_552_000,
      read_seconds_total: 3.001,
      writes_completed_total: 4,
      written_bytes_total: 5,
      write_seconds_total: 6.5,
      io_seconds_total: 7,
      io_weighted_seconds_total: 8,
      io_in_progress: 9,
    },
  ],
  filesystems: [
    {
      device: '/dev/vda1',
      mountpoint: '/',
      fstype: 'ext4',
      readonly: false,
      size_bytes: 100,
      free_bytes: 60,
      available_bytes: 50,
      files: null,
      files_free: null,
      error: null,
    },
  ],
  networks: [
    {
      device: 'eth0',
      operstate: 'up',
      receive_bytes_total: 1,
      receive_packets_total: 2,
      receive_errs_total: 3,
      receive_drop_total: 4,
      transmit_bytes_total: 5,
      transmit_packets_total: 6,
      transmit_errs_total: 7,
      transmit_drop_total: 8,
    },
  ],
  processes: {
    total: 71,
    running: 2,
    blocked: 0,
    scanned_at: 1_795_151_611_000,
    top: [
      {
        pid: 1,
        ppid: 0,
        user: 'root',
        uid: 0,
        name: 'init',
        state: 'S',
        threads: 1,
        cpu_seconds: 5.25,
        cpu_usage_percent: 250,
        rss_bytes: 4096,
        memory_usage_percent: 0.1,
        io: null,
        started_at: 1_795_150_000_000,
      },
    ],
  },
  collectors: {
    cpu: { ok: true, seconds: 0.001 },
    netdev: { ok: false, seconds: 0, error: 'EIO' },
  },
};

/** As docs/protocol.md describes them. */
const numbersOf = (value: unknown): readonly number[] => {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
};

const rowOf = (sample: Sample): readonly number[] =>
  numbersOf({ ...sample, processes: { ...sample.processes, top: null }, collectors: null });

/** The same sample with `change` made to the number at this place of the row. */
const withNumbers = (change: (value: number, index: number) => number) => {
  let index = -1;
  const visit = (value: unknown, path: string): unknown => {
    if (path === '/collectors' || path === '/processes/top') return value;
    if (typeof value === 'number') {
      index += 1;
      return change(value, index);
    }
    if (Array.isArray(value)) return value.map((item) => visit(item, `${path}/*`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, visit(item, `${path}/${name}`)]),
    );
  };
  return visit(SAMPLE, '');
};

const wholeAnswer = (document: unknown, id: string | undefined = ID): SampleAnswer => ({
  status: 200,
  contentType: 'application/json; charset=utf-8',
  header: (name) => (name === 'sample-schema' ? id : undefined),
  body: Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)),
});

const compactText = (body: string): SampleAnswer => ({
  status: 200,
  contentType: COMPACT,
  header: () => undefined,
  body: Buffer.from(body),
});

const compactAnswer = (row: readonly unknown[]): SampleAnswer => compactText(JSON.stringify(row));

const refusal = (status: number): SampleAnswer => ({ ...wholeAnswer({ error: {} }), status });

const setUp = () => {
  let nowMs = 5;
  let isWatched = false;
  const decoder = makeSampleDecoder({
    monotonicMs: () => nowMs,
    random: () => 0.5,
    isWatched: () => isWatched,
  });
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  const watch = (): void => {
    isWatched = true;
  };
  return { decoder, advance, watch };
};

/** With a whole sample behind it. */
const setUpCompact = () => {
  const made = setUp();
  expect(made.decoder.decode(wholeAnswer(SAMPLE))).toEqual({ ok: true, sample: SAMPLE });
  return made;
};

const problemOf = (decoded: DecodedSample): string => (decoded.ok ? 'none' : decoded.problem);

const ASK = '/metrics?format=compact';
const ASK_WHOLE = '/metrics?format=json';

describe('a sample decoder', () => {
  it('asks for a schema once it has one, and fills the numbers into it', () => {
    const { decoder } = setUp();
    expect(decoder.target()).toBe(ASK);
    decoder.decode(wholeAnswer(SAMPLE));
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
    const next = sampleSchema.parse(
      withNumbers((value) => (Number.isInteger(value) && value < 100 ? value + 1 : value)),
    );
    expect(rowOf(next)).not.toEqual(rowOf(SAMPLE));
    expect(decoder.decode(compactAnswer([ID, ...rowOf(next)]))).toEqual({ ok: true, sample: next });
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
  });

  it('makes a new sample each time, which shares what has no numbers', () => {
    const { decoder } = setUpCompact();
    const [first, second] = [0, 1].map((more) =>
      decoder.decode(compactAnswer([ID, ...rowOf({ ...SAMPLE, taken_at: 100 + more })])),
    );
    if (first?.ok !== true || second?.ok !== true) throw new Error('not decoded');
    expect([first.sample.taken_at, second.sample.taken_at]).toEqual([100, 101]);
    expect(second.sample.disks).not.toBe(first.sample.disks);
    expect(second.sample.processes.top).toBe(first.sample.processes.top);
    expect(second.sample.collectors).toBe(first.sample.collectors);
  });

  it('reads a sample with every part unknown', () => {
    const nothing = Object.fromEntries(Object.keys(SAMPLE).map((name) => [name, null]));
    const sample = sampleSchema.parse({
      ...nothing,
      taken_at: 7,
      processes: { total: null, running: null, blocked: null, scanned_at: null, top: [] },
      collectors: {},
    });
    const { decoder } = setUp();
    decoder.decode(wholeAnswer(sample));
    expect(decoder.decode(compactAnswer([ID, 8]))).toEqual({
      ok: true,
      sample: { ...sample, taken_at: 8 },
    });
  });

  it('passes over the numbers of fields that a newer agent sends', () => {
    const { decoder } = setUp();
    const newer = {
      novelty: 7,
      ...SAMPLE,
      memory: { zram: { pages: [1, 2, { x: 3 }] }, ...SAMPLE.memory, huge: 4 },
      disks: SAMPLE.disks?.map((disk) => ({ ...disk, discards: 5 })),
      constructor: 6,
      ['__proto__']: { taken_at: 9 },
    };
    const text = JSON.stringify(newer);
    expect(decoder.decode(wholeAnswer(text))).toEqual({ ok: true, sample: SAMPLE });
    const row = numbersOf({
      ...newer,
      processes: { ...SAMPLE.processes, top: [] },
      collectors: {},
    });
    expect(row).toHaveLength(rowOf(SAMPLE).length + 8);
    const moved = row.map((value) => (value === SAMPLE.taken_at ? value + 1 : value));
    expect(decoder.decode(compactAnswer([ID, ...moved]))).toEqual({
      ok: true,
      sample: { ...SAMPLE, taken_at: SAMPLE.taken_at + 1 },
    });
  });

  it.each([
    ['its fields in another order', Object.fromEntries(Object.entries(SAMPLE).toReversed())],
    ['more than 20,000 numbers', { ...SAMPLE, more: Array.from({ length: 20_001 }, () => 1) }],
    [
      'lists in lists without end',
      JSON.stringify(SAMPLE).replace('{', () => `{"x":${'['.repeat(9000)}${']'.repeat(9000)},`),
    ],
  ])('stays with whole samples where the document has %s', (_, document) => {
    const { decoder } = setUp();
    expect(decoder.decode(wholeAnswer(document))).toEqual({ ok: true, sample: SAMPLE });
    expect(decoder.target()).toBe(ASK);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one that would be more of the target', 'a&format=json'],
    ['one that would be another request', 'a HTTP/1.1\r\nX: y'],
    ['one without end', 'a'.repeat(65)],
  ])('does not ask for the schema of an answer that has %s', (_, id) => {
    const { decoder } = setUp();
    expect(decoder.decode({ ...wholeAnswer(SAMPLE), header: () => id })).toMatchObject({
      ok: true,
    });
    expect(decoder.target()).toBe(ASK);
  });

  it('forgets the schema when told to, and with each whole answer', () => {
    const { decoder } = setUpCompact();
    decoder.reset();
    expect(decoder.target()).toBe(ASK);
    expect(problemOf(decoder.decode(compactAnswer([ID])))).toMatch(/was not asked for/u);
    decoder.decode(wholeAnswer(SAMPLE, 'one'));
    decoder.decode({ ...wholeAnswer(SAMPLE), header: () => undefined });
    expect(decoder.target()).toBe(ASK);
  });
});

describe('the top processes', () => {
  const counted = (scannedAt: number): Sample => ({
    ...SAMPLE,
    processes: { ...SAMPLE.processes, scanned_at: scannedAt },
  });

  it('are asked for after a part of a minute, and then once a minute', () => {
    const { decoder, advance } = setUpCompact();
    advance(29_999);
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
    advance(1);
    expect(decoder.target()).toBe(ASK);
    decoder.decode(wholeAnswer(SAMPLE));
    advance(59_999);
    decoder.decode(compactAnswer([ID, ...rowOf(counted(7))]));
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
    advance(1);
    expect(decoder.target()).toBe(ASK);
  });

  it('are asked for after ten seconds while somebody watches, also who comes later', () => {
    const { decoder, advance, watch } = setUpCompact();
    advance(9_999);
    watch();
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
    advance(1);
    expect(decoder.target()).toBe(ASK);
  });

  it('are asked for as soon as there are new ones while somebody watches', () => {
    const { decoder, watch } = setUpCompact();
    decoder.decode(compactAnswer([ID, ...rowOf(counted(8))]));
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
    watch();
    expect(decoder.target()).toBe(ASK);
    decoder.decode(wholeAnswer(counted(8)));
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
  });

  it('of an agent that answers whole although it need not are those that it sends', () => {
    const { decoder } = setUpCompact();
    const bare = { ...SAMPLE, processes: { ...SAMPLE.processes, top: [] } };
    expect(decoder.decode(wholeAnswer(bare, 'other'))).toEqual({ ok: true, sample: bare });
    expect(decoder.target()).toBe(`${ASK}&schema=other`);
  });
});

describe('bounds of a compact sample', () => {
  const CANDIDATES = [0, 0.5, 1, 100, 100.001, 1e300, 2 ** 53 - 1, 2 ** 53, 1e15 + 0.5];

  it('are those of the schema, at each place', () => {
    const length = rowOf(SAMPLE).length;
    const { decoder } = setUpCompact();
    const differing: unknown[] = [];
    for (let place = 0; place < length; place += 1) {
      for (const candidate of CANDIDATES) {
        const expected = sampleSchema.safeParse(
          withNumbers((value, index) => (index === place ? candidate : value)),
        );
        const row = rowOf(SAMPLE).with(place, candidate);
        // A problem makes the decoder forget; it is told again.
        decoder.decode(wholeAnswer(SAMPLE));
        const decoded = decoder.decode(compactAnswer([ID, ...row]));
        const same = decoded.ok
          ? JSON.stringify(decoded.sample) === JSON.stringify(expected.data)
          : !expected.success;
        if (!same) differing.push([place, candidate, decoded]);
      }
    }
    expect(differing).toEqual([]);
  });
});

describe('a hostile compact sample', () => {
  const row = rowOf(SAMPLE);
  const swap = (value: string): string => `["${ID}",${row.slice(1).join(',')},${value}]`;

  it.each([
    ['too few numbers', JSON.stringify([ID, ...row.slice(1)]), /numbers instead of/u],
    ['too many numbers', JSON.stringify([ID, ...row, 1]), /numbers instead of/u],
    ['only the id', JSON.stringify([ID]), /0 numbers instead of/u],
    ['nothing in the list', '[]', /another schema/u],
    ['another id', JSON.stringify(['other', ...row]), /another schema/u],
    ['a number as id', JSON.stringify([7, ...row]), /another schema/u],
    [
      'an object with the same members',
      JSON.stringify(Object.assign({}, [ID, ...row])),
      /no JSON list/u,
    ],
    ['null', 'null', /no JSON list/u],
    ['text', '"x"', /no JSON list/u],
    ['nothing', '', /no JSON list/u],
    ['half a list', JSON.stringify([ID, ...row]).slice(0, -2), /no JSON list/u],
    ['a nested list', swap('[1]'), /something else than numbers/u],
    ['an object', swap('{"__proto__":1,"__proto__":2}'), /something else than numbers/u],
    ['a string', swap('"1"'), /something else than numbers/u],
    ['null for a number', swap('null'), /something else than numbers/u],
    ['a boolean', swap('true'), /something else than numbers/u],
    ['a negative number', swap('-1'), /something else than numbers/u],
    ['infinity', swap('1e999'), /something else than numbers/u],
    ['minus infinity', swap('-1e999'), /something else than numbers/u],
    ['NaN', swap('NaN'), /no JSON list/u],
    ['a hole', swap(''), /no JSON list/u],
    ['a list without end', `["${ID}"${',1'.repeat(500_000)}]`, /far more than/u],
    ['lists in lists', '['.repeat(1_000), /no JSON list/u],
    ['endless lists in lists', '['.repeat(1_000_000), /far more than/u],
    ['a number of many digits', swap('9'.repeat(100_000)), /far more than/u],
    ['bytes that are no text', '\u{fffd}\u0000[', /no JSON list/u],
  ])('with %s is a problem, after which a whole one is asked for', (_, body, problem) => {
    const { decoder } = setUpCompact();
    const said = problemOf(decoder.decode(compactText(body)));
    expect(said).toMatch(problem);
    expect(said.length).toBeLessThanOrEqual(512);
    expect(decoder.target()).toBe(ASK);
    expect(decoder.decode(wholeAnswer(SAMPLE))).toMatchObject({ ok: true });
  });
});

describe('a hostile whole sample', () => {
  const many = (count: number): readonly unknown[] => Array.from({ length: count }, () => ({}));

  it.each([
    ['no JSON', 'x'.repeat(10_000), /no JSON/u],
    ['nothing', '', /no JSON/u],
    ['null', 'null', /no sample/u],
    ['a list', '[]', /no sample/u],
    ['lists without end', '['.repeat(1_000_000), /no JSON/u],
    ['a part missing', JSON.stringify({ ...SAMPLE, taken_at: undefined }), /"taken_at"/u],
    [
      'a percentage of 101',
      JSON.stringify({ ...SAMPLE, cpu_usage_percent: 101 }),
      /"cpu_usage_percent"/u,
    ],
    ['infinity', JSON.stringify(SAMPLE).replace('1000.5', '1e999'), /"uptime_seconds"/u],
    [
      'a prototype for a sample',
      JSON.stringify(SAMPLE).replace('"taken_at"', '"__proto__"'),
      /"taken_at"/u,
    ],
    ['many bad disks', JSON.stringify({ ...SAMPLE, disks: many(50_000) }), /item 0 of disks/u],
    [
      'one bad network of many',
      JSON.stringify({
        ...SAMPLE,
        networks: [...Array.from({ length: 99 }, () => SAMPLE.networks?.[0]), {}],
      }),
      /item 99 of networks/u,
    ],
    [
      'many bad CPUs',
      JSON.stringify({ ...SAMPLE, cpu: { ...SAMPLE.cpu, cores: many(65) } }),
      /item 0 of cpu\.cores/u,
    ],
    [
      'collectors without end',
      JSON.stringify({
        ...SAMPLE,
        collectors: Object.fromEntries(Array.from({ length: 257 }, (_, n) => [n, 1])),
      }),
      /257 collectors/u,
    ],
    [
      'a long name that ends lines',
      JSON.stringify({ ...SAMPLE, collectors: { ['a\n\u001b[2J'.repeat(9_000)]: 1 } }),
      /^[\x20-\x7e…]*$/u,
    ],
  ])('with %s is a problem in one short sentence', (_, body, problem) => {
    const { decoder } = setUpCompact();
    const said = problemOf(decoder.decode(wholeAnswer(body)));
    expect(said).toMatch(problem);
    expect(said.length).toBeLessThanOrEqual(512);
    expect(decoder.target()).toBe(ASK);
  });

  it('may name a field twice: the last one counts', () => {
    const { decoder } = setUp();
    const text = JSON.stringify(SAMPLE).replace('"taken_at"', '"taken_at":-7,"taken_at"');
    expect(decoder.decode(wholeAnswer(text))).toEqual({ ok: true, sample: SAMPLE });
  });

  it.each([undefined, '', 'text/html', 'application/jsonx', 'x'.repeat(100_000)])(
    'of the type %j is a problem',
    (contentType) => {
      const { decoder } = setUpCompact();
      const said = problemOf(decoder.decode({ ...wholeAnswer(SAMPLE), contentType }));
      expect(said).toMatch(/an answer of the type/u);
      expect(said.length).toBeLessThanOrEqual(512);
    },
  );
});

describe('an agent from before the compact sample', () => {
  const HOUR_MS = 3_600_000;
  const oldAnswer = (sample: Sample): SampleAnswer => ({
    ...wholeAnswer(sample),
    header: () => undefined,
  });

  const setUpOld = () => {
    const made = setUp();
    expect(problemOf(made.decoder.decode(refusal(422)))).toMatch(/does not know compact/u);
    return made;
  };

  it('is asked for whole samples after it has answered 422', () => {
    const { decoder } = setUpOld();
    expect(decoder.target()).toBe(ASK_WHOLE);
    expect(decoder.decode(oldAnswer(SAMPLE))).toEqual({ ok: true, sample: SAMPLE });
    expect(decoder.target()).toBe(ASK_WHOLE);
  });

  it('is asked again after an hour, and left in peace for another', () => {
    const { decoder, advance } = setUpOld();
    advance(HOUR_MS - 1);
    expect(decoder.target()).toBe(ASK_WHOLE);
    advance(1);
    expect(decoder.target()).toBe(ASK);
    decoder.decode(refusal(422));
    advance(HOUR_MS - 1);
    expect(decoder.target()).toBe(ASK_WHOLE);
  });

  it('is asked again after a reboot', () => {
    const { decoder } = setUpOld();
    decoder.decode(oldAnswer(SAMPLE));
    decoder.decode(oldAnswer(SAMPLE));
    expect(decoder.target()).toBe(ASK_WHOLE);
    decoder.decode(oldAnswer({ ...SAMPLE, boot_id: 'boot-2' }));
    expect(decoder.target()).toBe(ASK);
  });

  it('is asked again when another agent answers in its place', () => {
    const { decoder } = setUpOld();
    decoder.reset();
    expect(decoder.target()).toBe(ASK);
  });

  it.each([401, 404, 429, 500, 503])('is not what answers %i', (status) => {
    const { decoder } = setUpCompact();
    expect(problemOf(decoder.decode(refusal(status)))).toBe(`the agent answered ${status}`);
    expect(decoder.target()).toBe(`${ASK}&schema=${ID}`);
  });
});
