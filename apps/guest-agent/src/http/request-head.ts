/**
 * The head of an HTTP/1.1 request (RFC 9112), strictly. Whatever two parsers might read in two
 * ways (both a length and chunks, a space before a colon, a folded line, a bare CR) is refused:
 * that is how requests are smuggled past a proxy.
 */
import type { Refusal } from './message.ts';

export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' };

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly framing: BodyFraming;
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
}

export type ParsedHead =
  | { readonly ok: true; readonly head: RequestHead }
  | { readonly ok: false; readonly refusal: Refusal };

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;
/** Visible ASCII, spaces, tabs and obs-text; no control characters. */
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/u;
const TARGET = /^[\u0021-\u007e]+$/u;
const DIGITS = /^\d{1,15}$/u;

/** These decide what a request means; two of them are two meanings. */
const SINGLE = new Set(['host', 'content-length', 'transfer-encoding', 'authorization']);

const refused = (status: number, code: string, message: string): ParsedHead => ({
  ok: false,
  refusal: { status, code, message },
});

const malformed = (message: string): ParsedHead => refused(400, 'malformed_request', message);

/** Quoted for an error message: short, and with nothing in it that could act on a terminal. */
const quote = (text: string): string => JSON.stringify(text.slice(0, 40));

const isBlank = (code: number): boolean => code === 32 || code === 9;

/** Without the spaces and tabs around it. `trim` would take CR, LF and no-break spaces away too. */
const trimBlanks = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
};

const parseHeaders = (
  lines: readonly string[],
): { readonly headers: Map<string, string> } | { readonly problem: string } => {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!TOKEN.test(name)) return { problem: `a header line has no valid name: ${quote(line)}` };
    const value = trimBlanks(line.slice(colon + 1));
    if (!FIELD_VALUE.test(value)) {
      return { problem: `the header ${quote(name)} has a control character in its value` };
    }
    const key = name.toLowerCase();
    const earlier = headers.get(key);
    if (earlier !== undefined && SINGLE.has(key)) {
      return { problem: `the header ${quote(name)} was sent twice` };
    }
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return { headers };
};

const framingOf = (
  version: string,
  headers: ReadonlyMap<string, string>,
): { readonly framing: BodyFraming } | { readonly problem: string } => {
  const length = headers.get('content-length');
  const encoding = headers.get('transfer-encoding');
  if (encoding !== undefined) {
    if (version !== 'HTTP/1.1') return { problem: 'only HTTP/1.1 has a transfer-encoding' };
    if (length !== undefined) {
      return { problem: 'content-length and transfer-encoding exclude one another' };
    }
    if (encoding.toLowerCase() !== 'chunked') {
      return { problem: `transfer-encoding can only be chunked, not ${quote(encoding)}` };
    }
    return { framing: { kind: 'chunked' } };
  }
  if (length === undefined) return { framing: { kind: 'none' } };
  if (!DIGITS.test(length)) {
    return { problem: `content-length must be a whole number, not ${quote(length)}` };
  }
  return { framing: { kind: 'length', length: Number(length) } };
};

const keepsAlive = (version: string, connection: string | undefined): boolean => {
  const options = (connection ?? '').toLowerCase().split(/[\s,]+/u);
  return version === 'HTTP/1.1' ? !options.includes('close') : options.includes('keep-alive');
};

/** `text` is everything before the empty line, one character per byte. */
export const parseRequestHead = (text: string, maxHeaderCount: number): ParsedHead => {
  const [requestLine = '', ...headerLines] = text.split('\r\n');
  const [method = '', target = '', version = '', ...rest] = requestLine.split(' ');
  if (!TOKEN.test(method) || rest.length > 0) {
    return malformed(`not a request line: ${quote(requestLine)}`);
  }
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') {
    return malformed(`the request must be HTTP/1.1 or HTTP/1.0, not ${quote(version)}`);
  }
  if (!TARGET.test(target) || !target.startsWith('/')) {
    return malformed(`the request target must be a path, not ${quote(target)}`);
  }
  if (headerLines.length > maxHeaderCount) {
    return refused(431, 'headers_too_large', `more than ${maxHeaderCount} headers`);
  }
  const parsed = parseHeaders(headerLines);
  if ('problem' in parsed) return malformed(parsed.problem);
  const { headers } = parsed;
  if (version === 'HTTP/1.1' && !headers.has('host')) {
    return malformed('an HTTP/1.1 request needs a host header');
  }
  const framed = framingOf(version, headers);
  if ('problem' in framed) return malformed(framed.problem);
  return {
    ok: true,
    head: {
      method,
      target,
      headers,
      framing: framed.framing,
      keepAlive: keepsAlive(version, headers.get('connection')),
      expectsContinue: headers.get('expect')?.toLowerCase() === '100-continue',
    },
  };
};
