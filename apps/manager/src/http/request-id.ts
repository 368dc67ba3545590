/** The id by which one request is found in the log, in the audit and in the answer's header. */
import { randomUUID } from 'node:crypto';

/** Short, and safe in a header, a log line and a page. */
const HARMLESS = /^[\w.:-]{1,64}$/u;

export const requestIdOf = (sent: string | string[] | undefined): string =>
  typeof sent === 'string' && HARMLESS.test(sent) ? sent : randomUUID();
