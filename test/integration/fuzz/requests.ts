/** Requests that no honest client sends: whole ones of odd parts, real ones with damage, noise. */
import * as fc from 'fast-check';

export interface Bytes {
  readonly bytes: Buffer;
  /** Where the bytes are cut into writes of their own, as parts of the whole. */
  readonly cuts: readonly number[];
}

const PATHS = [
  '/health',
  '/metrics',
  '/info',
  '/processes',
  '/logs',
  '/exec',
  '/exec/x',
  '/exec/x/events',
  '/provision',
  '/files',
  '/power',
  '/rpc',
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'get', 'G'];

/** What each route understands, so that the fuzzing gets past the first check. */
const QUERIES = [
  'format=json',
  'format=openmetrics',
  'collect[]=cpu',
  'collect%5B%5D=filesystem',
  'top=5',
  'top=1000&by=io',
  'by=memory',
  'path=/etc/passwd',
  'path=..%2F..%2Fetc%2Fpasswd',
  'follow=1&tail=10',
];

const ODD_TEXTS = [
  '',
  '..',
  '%2e%2e',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  '%0d%0aX: y',
  '__proto__',
  'constructor',
  '\u0000',
  '\u00e9',
  ' ',
  '\t',
  '-1',
  '1e9',
  '9'.repeat(400),
  'a'.repeat(5_000),
  '[]',
  '{{7*7}}',
  '$(id)',
  "' OR 1=1",
];

const oddText = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
);

/** Escaped, it gets through to where a path or a parameter is looked at. */
const escaped = oddText.map(encodeURIComponent);

const path = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...PATHS) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...PATHS, '', '/'), fc.oneof(escaped, escaped, oddText))
      .map(([known, odd]) => `${known}/${odd}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*', 'http://h/health', '//health', '/health/..', '/./'),
  },
  { weight: 1, arbitrary: oddText },
);

const parameter = fc.constantFrom('format', 'collect[]', 'top', 'by', 'path', 'unit');

const query = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.constantFrom(...QUERIES).map((text) => `?${text}`) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.tuple(fc.oneof(parameter, escaped, oddText), fc.oneof(escaped, escaped, oddText)), {
        minLength: 1,
        maxLength: 3,
      })
      .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 60, max: 2_000 }).map((n) => `?${'top=1&'.repeat(n)}`),
  },
);

const knownHeader = fc.constantFrom(
  ['Connection', 'close'],
  ['Connection', 'keep-alive, Upgrade'],
  ['Upgrade', 'websocket'],
  ['Expect', '100-continue'],
  ['Expect', '200-ok'],
  ['Accept', 'application/json'],
  ['Accept', 'application/openmetrics-text;q=0.9,*/*;q=NaN'],
  ['Accept', 'text/plain,'.repeat(500)],
  ['Content-Length', '0'],
  ['Content-Length', '5'],
  ['Content-Length', '-1'],
  ['Content-Length', '5, 5'],
  ['Content-Length', '99999999999999999999'],
  ['Content-Length', '1048577'],
  ['Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'gzip, chunked'],
  ['Transfer-Encoding', 'CHUNKED'],
  ['Authorization', 'Basic cm9vdDpyb290'],
  ['Authorization', 'Bearer '],
  ['Authorization', 'Bearer a.b.c'],
  ['Authorization', `Bearer ${'e30.'.repeat(2_000)}`],
  ['Range', 'bytes=0-1'],
  ['Host', 'evil.example'],
  ['Content-Type', 'application/json; charset=utf-16'],
);

const header = fc.oneof(
  { weight: 4, arbitrary: knownHeader.map(([name, value]) => `${name}: ${value}`) },
  { weight: 2, arbitrary: fc.tuple(oddText, oddText).map(([name, value]) => `${name}: ${value}`) },
  { weight: 1, arbitrary: fc.tuple(oddText, oddText).map(([name, value]) => `${name}:${value}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(' folded', 'No-Colon', ': no name', 'Space : x', 'X:\u0007'),
  },
);

const JSON_BODIES = [
  '{}',
  '[]',
  'null',
  '{"argv":["id"]}',
  '{"argv":',
  '{"action":"shutdown"}',
  '['.repeat(10_000),
  '{"jsonrpc":"2.0","method":"ping","id":1}',
];

const chunked = fc
  .array(fc.string({ unit: 'binary-ascii', maxLength: 40 }), { maxLength: 4 })
  .map((chunks) =>
    [...chunks, ''].map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join(''),
  );

const body = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom(...JSON_BODIES) },
  { weight: 2, arbitrary: chunked },
  {
    weight: 1,
    arbitrary: fc.constantFrom('ffffffff\r\n', '5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n', 'z\r\n'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);

/** A head of known or odd parts, then a body that may or may not be as long as the head says. */
const composed = (token: string): fc.Arbitrary<Buffer> =>
  fc
    .record({
      method: fc.oneof(
        {
          weight: 8,
          arbitrary: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'GET', 'GET', ...METHODS),
        },
        { weight: 1, arbitrary: oddText },
      ),
      path,
      query,
      version: fc.oneof(
        { weight: 12, arbitrary: fc.constant('HTTP/1.1') },
        {
          weight: 1,
          arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'http/1.1', ''),
        },
      ),
      host: fc.oneof(
        { weight: 12, arbitrary: fc.constant(['Host: localhost']) },
        {
          weight: 1,
          arbitrary: fc.constantFrom([], ['Host: a', 'Host: b'], ['Host:'], ['hOST: x']),
        },
      ),
      authorization: fc.oneof(
        { weight: 6, arbitrary: fc.constant([`Authorization: Bearer ${token}`]) },
        { weight: 1, arbitrary: fc.constant([]) },
      ),
      headers: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 2, arbitrary: fc.array(header, { maxLength: 1 }) },
        { weight: 1, arbitrary: fc.array(header, { maxLength: 6 }) },
      ),
      // Honest framing, so that bodies get through as well.
      framing: fc.constantFrom('none', 'none', 'length', 'chunked'),
      body,
      lineEnd: fc.oneof(
        { weight: 20, arbitrary: fc.constant('\r\n') },
        { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\r\n') },
      ),
    })
    .map((parts) => {
      const content = Buffer.from(parts.body, 'utf8');
      const framing = {
        none: [],
        length: [`Content-Length: ${content.length}`],
        chunked: ['Transfer-Encoding: chunked'],
      }[parts.framing];
      const lines = [
        `${parts.method} ${parts.path}${parts.query} ${parts.version}`,
        ...parts.host,
        ...parts.authorization,
        ...framing,
        ...parts.headers,
      ];
      const head = lines.map((line) => `${line}${parts.lineEnd}`).join('') + parts.lineEnd;
      return Buffer.concat([Buffer.from(head, 'latin1'), content]);
    });

/** Real requests: what the damage starts from. */
const seeds = (token: string): readonly string[] => {
  const head = `Host: localhost\r\nAuthorization: Bearer ${token}\r\n`;
  const gets = [
    ...PATHS.map((known) => `GET ${known}`),
    'HEAD /metrics',
    'GET /metrics?format=json',
    'GET /metrics?collect[]=loadavg&collect[]=cpu',
    'GET /processes?top=3&by=memory',
  ].map((line) => `${line} HTTP/1.1\r\n${head}\r\n`);
  const posts = ['/exec', '/power', '/rpc'].map(
    (known) => `POST ${known} HTTP/1.1\r\n${head}Content-Length: 17\r\n\r\n{"argv":["true"]}`,
  );
  const inChunks =
    `PUT /files?path=/tmp/x HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n` +
    '5\r\nhello\r\n0\r\n\r\n';
  return [...gets, ...posts, inChunks, gets.slice(0, 3).join('')];
};

type Damage = (bytes: Buffer) => Buffer;

const damage: fc.Arbitrary<Damage> = fc
  .record({
    kind: fc.constantFrom('flip', 'insert', 'delete', 'repeat', 'cut'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 40 }),
    byte: fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(...Buffer.from('\r\n \t:;,%?/')),
    ),
  })
  .map(({ kind, at, length, byte }) => (bytes) => {
    const offset = Math.floor(at * bytes.length);
    const before = bytes.subarray(0, offset);
    const after = bytes.subarray(offset);
    switch (kind) {
      case 'flip':
        return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
      case 'insert':
        return Buffer.concat([before, Buffer.alloc(length, byte), after]);
      case 'delete':
        return Buffer.concat([before, after.subarray(length)]);
      case 'repeat':
        return Buffer.concat([before, after.subarray(0, length), after]);
      case 'cut':
        return before;
      default: {
        const never: never = kind;
        return never;
      }
    }
  });

const mutated = (token: string): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...seeds(token)), fc.array(damage, { maxLength: 6 }))
    .map(([seed, damages]) =>
      damages.reduce<Buffer>((bytes, one) => one(bytes), Buffer.from(seed, 'latin1')),
    );

const noise = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom('\r\n', '\n', 'GET / HTTP/1.1', ':', ' ', 'Host: a', '\u0000', '%'))
      .map((words) => Buffer.from(words.join(''), 'latin1')),
  },
);

const huge = (token: string): fc.Arbitrary<Buffer> => {
  const start = `GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`;
  return fc.oneof(
    fc.integer({ min: 90, max: 400 }).map((count) => {
      const headers = Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join('');
      return Buffer.from(`${start}${headers}\r\n`);
    }),
    fc
      .integer({ min: 15_000, max: 40_000 })
      .map((length) => Buffer.from(`${start}X: ${'y'.repeat(length)}\r\n\r\n`)),
    fc
      .integer({ min: 15_000, max: 40_000 })
      .map((length) => Buffer.from(`GET /${'p'.repeat(length)} HTTP/1.1\r\nHost: h\r\n\r\n`)),
    fc
      .integer({ min: 1_040_000, max: 1_060_000 })
      .map((length) =>
        Buffer.concat([
          Buffer.from(`${start.replace('GET', 'POST')}Content-Length: ${length}\r\n\r\n`),
          Buffer.alloc(length, 'b'),
        ]),
      ),
    fc
      .integer({ min: 30_000, max: 90_000 })
      .map((count) =>
        Buffer.from(
          `${start.replace('GET', 'POST')}Transfer-Encoding: chunked\r\n\r\n` +
            `${'1\r\na\r\n'.repeat(count)}0\r\n\r\n`,
        ),
      ),
    fc.integer({ min: 5_000, max: 100_000 }).map((length) => Buffer.alloc(length, '\r\n')),
  );
};

export const fuzzedBytes = (token: string): fc.Arbitrary<Bytes> =>
  fc.record({
    bytes: fc.oneof(
      { weight: 20, arbitrary: composed(token) },
      { weight: 14, arbitrary: mutated(token) },
      { weight: 4, arbitrary: noise },
      { weight: 1, arbitrary: huge(token) },
    ),
    cuts: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
      },
    ),
  });
