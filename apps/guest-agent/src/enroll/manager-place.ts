/**
 * Where the manager is, from `manager_url`. Only http: what goes there is signed or proved, and
 * nothing in it is a secret, while TLS would be more code than the rest of the agent.
 */

export interface ManagerPlace {
  readonly host: string;
  readonly port: number;
  /** As the Host header has it. */
  readonly authority: string;
  /** Before `/v1/…`; empty, or a path without a slash at its end. */
  readonly prefix: string;
}

const HTTP_URL =
  /^http:\/\/(?<authority>(?:\[(?<v6>[\da-f:.]+)\]|(?<name>[\w.-]+))(?::(?<port>\d{1,5}))?)(?<prefix>\/[!-~]*)?$/iu;
const HTTP_PORT = 80;

/** Undefined for https and for what is no URL. */
export const parseManagerPlace = (url: string): ManagerPlace | undefined => {
  const groups = HTTP_URL.exec(url)?.groups;
  const host = groups?.['v6'] ?? groups?.['name'];
  const port = Number(groups?.['port'] ?? HTTP_PORT);
  if (groups === undefined || host === undefined || port < 1 || port > 65_535) return undefined;
  const prefix = (groups['prefix'] ?? '').replace(/\/+$/u, '');
  return { host, port, authority: groups['authority'] ?? host, prefix };
};
