/**
 * The head and body of an HTTP/1.1 answer as Firecracker's micro-http writes them: 204 without a
 * body, or an error with `Content-Length` and `{"fault_message":"…"}`. Bounded, nothing else.
 */
export interface ApiAnswer {
  readonly status: number;
  readonly faultMessage: string | undefined;
  /** The connection takes another request. */
  readonly keepAlive: boolean;
}

export type ParsedAnswer =
  | { readonly kind: 'answer'; readonly answer: ApiAnswer }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed'; readonly problem: string };

export const MAX_ANSWER_BYTES = 16 * 1024;

const HEAD_END = '\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.[01] (?<status>[2-5]\d\d)(?: [^\r\n]*)?\r\n/u;
const LENGTH = /\r\ncontent-length:[ \t]*(?<length>\d{1,6})[ \t]*\r\n/iu;
const CLOSES = /\r\nconnection:[ \t]*close[ \t]*\r\n/iu;
const CHUNKED = /\r\ntransfer-encoding:/iu;

const faultMessageOf = (body: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    const message = 'fault_message' in value ? value.fault_message : undefined;
    return typeof message === 'string' ? message : undefined;
  } catch {
    // Not JSON: the status says enough.
    return undefined;
  }
};

/** `text` is all that came so far, one character per byte. */
export const parseApiAnswer = (text: string): ParsedAnswer => {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd < 0) {
    return text.length > MAX_ANSWER_BYTES
      ? { kind: 'malformed', problem: 'a head without an end' }
      : { kind: 'incomplete' };
  }
  const head = text.slice(0, headEnd + HEAD_END.length);
  const status = Number(STATUS_LINE.exec(head)?.groups?.['status']);
  if (Number.isNaN(status)) return { kind: 'malformed', problem: 'no status line' };
  if (CHUNKED.test(head)) return { kind: 'malformed', problem: 'a transfer encoding' };
  const length = status === 204 ? 0 : Number(LENGTH.exec(head)?.groups?.['length'] ?? 0);
  if (head.length + length > MAX_ANSWER_BYTES) {
    return { kind: 'malformed', problem: 'an answer that is too long' };
  }
  if (text.length < head.length + length) return { kind: 'incomplete' };
  const isWhole = text.length === head.length + length;
  return {
    kind: 'answer',
    answer: {
      status,
      faultMessage: faultMessageOf(text.slice(head.length, head.length + length)),
      // Bytes that nobody asked for: whatever comes next on this connection is not to be trusted.
      keepAlive: isWhole && !CLOSES.test(head),
    },
  };
};
