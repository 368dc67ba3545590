/** The head of an answer, and its body where that is text. */
import type { HttpResponse } from './message.ts';

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  206: 'Partial Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export interface Framing {
  /** HEAD: the headers of the whole answer, without it. */
  readonly withBody: boolean;
  readonly close: boolean;
  /** RFC 9110 date; the manager signs by this clock. */
  readonly date: string;
  /** Undefined: it ends with the connection. */
  readonly byteLength: number | undefined;
}

export const formatResponse = (response: HttpResponse, framing: Framing): string => {
  const extra = Object.entries(response.headers ?? {})
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return (
    `HTTP/1.1 ${response.status} ${REASONS[response.status] ?? 'Status'}\r\n` +
    `Date: ${framing.date}\r\n` +
    `Content-Type: ${response.contentType}\r\n` +
    (framing.byteLength === undefined ? '' : `Content-Length: ${framing.byteLength}\r\n`) +
    'Cache-Control: no-store\r\n' +
    'X-Content-Type-Options: nosniff\r\n' +
    `${extra}Connection: ${framing.close ? 'close' : 'keep-alive'}\r\n\r\n` +
    (framing.withBody ? response.body : '')
  );
};
