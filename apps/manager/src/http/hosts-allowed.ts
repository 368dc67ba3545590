/**
 * From which sites a request may come.
 *
 * A page of a stranger can let a name of its own resolve to our address (DNS rebinding); the
 * browser then takes us for that page's server. What it cannot do is change the Host header, so
 * names that nobody has configured are refused. An address cannot be rebound.
 *
 * Origin is sent by browsers with whatever changes something and with each socket.io handshake;
 * where it is sent, it must be ours.
 */
import { isIP } from 'node:net';
import type { Problem } from './problem.ts';

export interface SitePolicy {
  readonly publicUrl: URL | undefined;
}

const parseUrl = (text: string): URL | undefined =>
  URL.canParse(text) ? new URL(text) : undefined;

/** Without the port, in lower case, addresses in their usual form. */
const hostnameOf = (host: string): string | undefined => {
  // Nothing but a host and a port: URL would also accept user names, paths and spaces.
  if (!/^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/u.test(host)) return undefined;
  return parseUrl(`http://${host}`)?.hostname;
};

const isAddress = (hostname: string): boolean =>
  isIP(hostname) === 4 || (hostname.startsWith('[') && isIP(hostname.slice(1, -1)) === 6);

export const hostProblem = (
  hostHeader: string | undefined,
  { publicUrl }: SitePolicy,
): Problem | undefined => {
  const hostname = hostnameOf(hostHeader ?? '');
  if (
    hostname !== undefined &&
    (isAddress(hostname) || hostname === 'localhost' || hostname === publicUrl?.hostname)
  ) {
    return undefined;
  }
  return {
    status: 421,
    code: 'host_not_allowed',
    message:
      'the Host of the request is not one of the manager: accepted are IP addresses, localhost ' +
      'and the host of INNKEEPER_PUBLIC_URL, which is where another name is to be set',
  };
};

/**
 * The scheme may differ from ours: with TLS before the manager the page is https and the manager
 * sees http. Whoever answers on the same host and port in another scheme is the same server.
 */
export const originProblem = (
  origin: string | undefined,
  hostHeader: string | undefined,
  { publicUrl }: SitePolicy,
): Problem | undefined => {
  if (origin === undefined) return undefined;
  if (origin === publicUrl?.origin) return undefined;
  const scheme = /^https?:\/\//u.exec(origin)?.[0];
  if (scheme !== undefined && hostnameOf(hostHeader ?? '') !== undefined) {
    // As an origin again: URL leaves out the port that is the scheme's own.
    if (parseUrl(`${scheme}${hostHeader}`)?.origin === origin) return undefined;
  }
  return {
    status: 403,
    code: 'origin_not_allowed',
    message:
      'the request comes from a page of another site: accepted are pages of the manager itself, ' +
      'under the address that was asked or under INNKEEPER_PUBLIC_URL',
  };
};
