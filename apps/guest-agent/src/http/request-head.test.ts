import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequestHead, type RequestHead } from './request-head.ts';

const headOf = (text: string): RequestHead => {
  const parsed = parseRequestHead(text, 100);
  if (!parsed.ok) throw new Error(`unexpectedly refused: ${parsed.refusal.message}`);
  return parsed.head;
};

const statusOf = (text: string): number | 'accepted' => {
  const parsed = parseRequestHead(text, 100);
  return parsed.ok ? 'accepted' : parsed.refusal.status;
};

/** A valid request whose last header lines are the given ones. */
const get = (...headers: readonly string[]): string =>
  ['GET /metrics HTTP/1.1', 'Host: vm', ...headers].join('\r\n');

describe('parseRequestHead', () => {
  it('reads method, target and headers of what curl sends', () => {
    const head = headOf(
      'GET /processes?top=3 HTTP/1.1\r\nHost: 192.0.2.7:8080\r\nUser-Agent: curl/8.5.0\r\nAccept: */*',
    );
    expect(head).toEqual({
      method: 'GET',
      target: '/processes?top=3',
      headers: new Map([
        ['host', '192.0.2.7:8080'],
        ['user-agent', 'curl/8.5.0'],
        ['accept', '*/*'],
      ]),
      framing: { kind: 'none' },
      keepAlive: true,
      expectsContinue: false,
    });
  });

  it('takes an HTTP/1.0 request without Host, and closes after it', () => {
    expect(headOf('GET / HTTP/1.0')).toMatchObject({ keepAlive: false });
  });

  it('joins a header that is sent twice', () => {
    expect(headOf(get('Accept: a', 'accept: b')).headers.get('accept')).toBe('a, b');
  });

  it('keeps spaces inside a value, and bytes above ASCII', () => {
    expect(headOf(get('X: \t a  b\u00e9 \t')).headers.get('x')).toBe('a  b\u00e9');
  });

  it.each([
    ['HTTP/1.1', '', true],
    ['HTTP/1.1', 'Connection: close', false],
    ['HTTP/1.1', 'Connection: Upgrade, Close', false],
    ['HTTP/1.1', 'Connection: closely', true],
    ['HTTP/1.0', 'Connection: keep-alive', true],
    ['HTTP/1.0', 'Connection: close', false],
  ])('decides with %s and "%s" whether the connection lives on', (version, line, keepAlive) => {
    const head = headOf(`GET / ${version}\r\nHost: vm${line === '' ? '' : `\r\n${line}`}`);
    expect(head.keepAlive).toBe(keepAlive);
  });

  it.each([
    ['Content-Length: 0', { kind: 'length', length: 0 }],
    ['Content-Length: 17', { kind: 'length', length: 17 }],
    ['Transfer-Encoding: chunked', { kind: 'chunked' }],
    ['Transfer-Encoding: Chunked', { kind: 'chunked' }],
  ])('reads the framing of "%s"', (line, framing) => {
    expect(headOf(get(line)).framing).toEqual(framing);
  });

  it('notices that the client waits for permission to send its body', () => {
    expect(headOf(get('Expect: 100-Continue')).expectsContinue).toBe(true);
  });

  it.each([
    ['both a length and chunks', get('Content-Length: 5', 'Transfer-Encoding: chunked')],
    ['both, the other way round', get('Transfer-Encoding: chunked', 'Content-Length: 5')],
    ['two lengths', get('Content-Length: 5', 'Content-Length: 6')],
    ['the same length twice', get('Content-Length: 5', 'Content-Length: 5')],
    ['a list of lengths', get('Content-Length: 5, 5')],
    ['two encodings', get('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')],
    ['a list of encodings', get('Transfer-Encoding: gzip, chunked')],
    ['chunked twice', get('Transfer-Encoding: chunked, chunked')],
    ['another encoding', get('Transfer-Encoding: gzip')],
    ['the encoding identity', get('Transfer-Encoding: identity')],
    ['an empty encoding', get('Transfer-Encoding:')],
    ['an encoding in quotes', get('Transfer-Encoding: "chunked"')],
    ['an encoding with a parameter', get('Transfer-Encoding: chunked;q=1')],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: vm\r\nTransfer-Encoding: chunked'],
    ['a length with a sign', get('Content-Length: +5')],
    ['a negative length', get('Content-Length: -5')],
    ['a hexadecimal length', get('Content-Length: 0x5')],
    ['a length with a fraction', get('Content-Length: 5.0')],
    ['a length with an exponent', get('Content-Length: 1e3')],
    ['an empty length', get('Content-Length:')],
    ['a length beyond all numbers', get(`Content-Length: ${'9'.repeat(16)}`)],
    ['a length with a space in it', get('Content-Length: 5 5')],
    ['a length in other digits', get('Content-Length: \u00b2')],
  ])('refuses %s: another parser might read another body', (_, text) => {
    expect(statusOf(text)).toBe(400);
  });

  it.each([
    ['a space before the colon', get('X : 1')],
    ['a tab before the colon', get('Transfer-Encoding\t: chunked')],
    ['a folded line', get('X: 1', ' continued')],
    ['a folded line with a tab', get('X: 1', '\tcontinued')],
    ['a folded line as the first header', 'GET / HTTP/1.1\r\n Host: vm'],
    ['a line without a colon', get('nonsense')],
    ['a line without a name', get(': 1')],
    ['an empty line', get('', 'X: 1')],
    ['a name with a space', get('Content Length: 1')],
    ['a name with a NUL', get('X\0: 1')],
    ['a name above ASCII', get('\u00e9: 1')],
    ['a bare LF in a value', get('X: 1\nY: 2')],
    ['a bare LF at the end of a value', get('X: 1\n')],
    ['a bare CR in a value', get('X: 1\rY: 2')],
    ['a bare CR at the end of a value', get('Content-Length: 5\r')],
    ['a bare CR before a value', get('X: \r1')],
    ['a vertical tab before a value', get('Transfer-Encoding: \u000bchunked')],
    ['a form feed after a value', get('Transfer-Encoding: chunked\u000c')],
    ['a NUL in a value', get('X: a\0b')],
    ['an escape character in a value', get('X: \u001b[31m')],
    ['a DEL in a value', get('X: \u007f')],
  ])('refuses %s', (_, text) => {
    expect(statusOf(text)).toBe(400);
  });

  it('does not take a no-break space for a space around a value', () => {
    expect(headOf(get('X:\u00a0a\u00a0')).headers.get('x')).toBe('\u00a0a\u00a0');
    expect(statusOf(get('Transfer-Encoding: \u00a0chunked'))).toBe(400);
  });

  it.each([
    ['no Host', 'GET / HTTP/1.1'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nhost: b'],
    ['two tokens', get('Authorization: Bearer a', 'Authorization: Bearer b')],
  ])('refuses %s', (_, text) => {
    expect(statusOf(text)).toBe(400);
  });

  it.each([
    ['HTTP/0.9', 'GET /'],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: vm'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0'],
    ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: vm'],
    ['a version in small letters', 'GET / http/1.1\r\nHost: vm'],
    ['a version with a space after it', 'GET / HTTP/1.1 \r\nHost: vm'],
    ['an absolute target', 'GET http://vm/ HTTP/1.1\r\nHost: vm'],
    ['a target for a proxy', 'CONNECT vm:80 HTTP/1.1\r\nHost: vm'],
    ['the target *', 'OPTIONS * HTTP/1.1\r\nHost: vm'],
    ['an empty target', 'GET  HTTP/1.1\r\nHost: vm'],
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: vm'],
    ['a tab between the parts', 'GET\t/\tHTTP/1.1\r\nHost: vm'],
    ['a space in front', ' GET / HTTP/1.1\r\nHost: vm'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: vm'],
    ['a NUL in the target', 'GET /\0 HTTP/1.1\r\nHost: vm'],
    ['a byte above ASCII in the target', 'GET /\u00e9 HTTP/1.1\r\nHost: vm'],
    ['a bare LF after the request line', 'GET / HTTP/1.1\nHost: vm'],
    ['a bare CR in the request line', 'GET /\r HTTP/1.1\r\nHost: vm'],
    ['a method with a colon', 'GET: / HTTP/1.1\r\nHost: vm'],
    ['nothing', ''],
    ['a TLS greeting', '\u0016\u0003\u0001\u0002\0\u0001\0'],
  ])('refuses %s in the request line', (_, text) => {
    expect(statusOf(text)).toBe(400);
  });

  it('takes as many headers as allowed, and not one more', () => {
    const headers = Array.from({ length: 99 }, (_, index) => `X-${index}: 1`);
    expect(statusOf(get(...headers))).toBe('accepted');
    expect(statusOf(get(...headers, 'Y: 1'))).toBe(431);
  });

  it('quotes what it refuses in a short form without control characters', () => {
    const parsed = parseRequestHead(get(`\u001b]0;${'x'.repeat(500)}`), 100);
    const message = parsed.ok ? '' : parsed.refusal.message;
    expect(message).toContain(String.raw`\u001b`);
    expect(message.length).toBeLessThan(200);
  });

  it('keeps names that objects have of their own as ordinary headers', () => {
    const { headers } = headOf(get('__proto__: 1', 'constructor: 2'));
    expect([headers.get('__proto__'), headers.get('constructor')]).toEqual(['1', '2']);
  });

  it('accepts no head in which a control character is left, whatever the text', () => {
    const line = fc.string({ unit: 'binary-ascii', maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const parsed = parseRequestHead(get(...lines.map((text) => `X:${text}`)), 100);
        const hasControl = lines.some((text) => /[^\t\u0020-\u007e]/u.test(text));
        expect(parsed.ok).toBe(!hasControl);
      }),
    );
  });
});
