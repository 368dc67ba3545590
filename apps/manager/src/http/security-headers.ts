/** The headers that every answer carries. */
import type { ServerResponse } from 'node:http';

/** For data: nothing in it may load, run or be framed. */
const DATA_CSP = "default-src 'none'; frame-ancestors 'none'";

/** For the pages of the UI. Scripts and styles are files of the manager; none are inline. */
export const PAGE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const setSecurityHeaders = (response: ServerResponse): void => {
  response.setHeader('content-security-policy', DATA_CSP);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
};
