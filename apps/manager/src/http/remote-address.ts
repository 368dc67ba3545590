/**
 * Who is at the other end. `x-forwarded-for` counts only where the peer is on this machine and a
 * public URL is set, which together say that a proxy stands before the manager; then only its last
 * entry, the one that the proxy itself has seen. The proxy must set or append that header, else its
 * clients choose what is written there. Nothing is ever permitted by address: it serves the audit,
 * the log, and the counting of failed sign-ins and of open connections.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `::ffff:10.0.0.1` is what a socket for both families calls 10.0.0.1. */
const canonical = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/iu, '').replace(/%.*$/u, '');

const isLoopback = (address: string): boolean =>
  address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));

export const remoteAddressOf = (
  request: Pick<IncomingMessage, 'headers'> & {
    readonly socket: { readonly remoteAddress?: string | undefined };
  },
  publicUrl: URL | undefined,
): string => {
  const peer = canonical(request.socket.remoteAddress ?? 'unknown');
  if (publicUrl === undefined || !isLoopback(peer)) return peer;
  const forwarded = [request.headers['x-forwarded-for'] ?? ''].flat().join(',');
  const last = canonical(forwarded.split(',').at(-1)?.trim() ?? '');
  return isIP(last) === 0 ? peer : last;
};

/** What is counted as one: whoever has an IPv6 network has all of its /64. */
export const networkOf = (address: string): string => {
  if (!ipaddr.IPv6.isValid(address)) return address;
  return ipaddr.IPv6.parse(address)
    .parts.slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
};
