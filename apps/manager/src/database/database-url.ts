/**
 * DATABASE_URL: what is wrong with one, and what may be said of one in the log.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
import type { DatabaseAddress } from './connection.ts';

export type ParsedDatabaseUrl =
  | { readonly ok: true; readonly address: DatabaseAddress }
  | { readonly ok: false; readonly problem: string };

const EXAMPLE = 'postgres://user:password@host:5432/database';
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
const MAX_CHARS = 4_096;

const parse = (text: string): URL | undefined => {
  // With a user but no host, as for the default socket, the standard knows no such URL.
  const url = text.replace('@/', '@localhost/');
  return URL.canParse(url) ? new URL(url) : undefined;
};

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const findProblem = (text: string): string | undefined => {
  if (text.length > MAX_CHARS) return `is longer than ${MAX_CHARS} characters`;
  if (!/^postgres(?:ql)?:\/\//u.test(text)) return `must look like ${EXAMPLE}`;
  const url = parse(text);
  if (url === undefined) {
    return `is not a URL: it must look like ${EXAMPLE}, with special characters of the password written as %XX`;
  }
  const parts = [url.username, url.password, url.hostname, url.pathname];
  if (parts.some((part) => decode(part) === undefined)) return 'has a % that is not part of a %XX';
  if (url.pathname.length < 2) return `names no database: it must look like ${EXAMPLE}`;
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !SSL_MODES.includes(mode)) {
    return `has an unknown sslmode: ${SSL_MODES.join(', ')} are accepted`;
  }
  return undefined;
};

/** The problem never repeats the text, which has a password in it. */
export const parseDatabaseUrl = (text: string): ParsedDatabaseUrl => {
  const problem = findProblem(text);
  return problem === undefined
    ? { ok: true, address: { url: text } }
    : { ok: false, problem: `DATABASE_URL ${problem}` };
};

/** Server and database: without the user, the password, or anything else. */
export const describeAddress = (address: DatabaseAddress): string => {
  if (address.url === undefined) {
    return `${address.connection.host} (database ${address.connection.database})`;
  }
  const url = parse(address.url);
  const host = url?.searchParams.get('host') ?? decode(url?.hostname ?? '') ?? '';
  const port = url?.searchParams.get('port') ?? url?.port ?? '';
  const name = decode(url?.pathname.slice(1) ?? '') ?? '';
  const server = `${host === '' ? 'localhost' : host}${port === '' ? '' : `:${port}`}`;
  return `${server} (database ${name})`;
};
