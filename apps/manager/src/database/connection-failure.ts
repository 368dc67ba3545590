/**
 * Which errors mean that the database cannot be had at the moment, as opposed to a statement that
 * is wrong. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { DatabaseUnavailable } from './database.ts';

const NETWORK_CODES = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Only timeouts cancel statements here, those that the pool sets. The connection is as good as before. */
const STATEMENT_TIMEOUT = '57014';

/** Single conditions beside the classes 08 (connection) and 53 (no memory, disk, or slot left). */
const CONDITIONS = new Set([
  // The server moved on: this is now a standby.
  '25006',
  '25P03',
  STATEMENT_TIMEOUT,
  '57P01',
  '57P02',
  '57P03',
  '57P05',
]);

/** The driver has no codes for its own errors. */
const DRIVER_MESSAGES = [
  /^Connection terminated/u,
  /^Client has encountered a connection error/u,
  /^Client was closed/u,
  /^Query read timeout/u,
  /^timeout expired/u,
  /^timeout exceeded when trying to connect/u,
];

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

export const isUnavailable = (error: unknown): boolean => {
  if (error instanceof DatabaseUnavailable) return true;
  const code = codeOf(error);
  if (code !== undefined) {
    return NETWORK_CODES.has(code) || CONDITIONS.has(code) || /^(?:08|53)...$/u.test(code);
  }
  return error instanceof Error && DRIVER_MESSAGES.some((message) => message.test(error.message));
};

/** Is the connection to be thrown away? */
export const isConnectionFailure = (error: unknown): boolean =>
  isUnavailable(error) && codeOf(error) !== STATEMENT_TIMEOUT;

/** The error that the other parts know; any other one is theirs, and stays what it is. */
export const toDatabaseError = (error: unknown): unknown => {
  if (error instanceof DatabaseUnavailable || !isUnavailable(error)) return error;
  // Of several addresses that were tried, the driver's own message may be empty.
  const text = error instanceof Error && error.message !== '' ? error.message : codeOf(error);
  return new DatabaseUnavailable(`the database is unavailable: ${text ?? 'no reason given'}`, {
    cause: error,
  });
};
