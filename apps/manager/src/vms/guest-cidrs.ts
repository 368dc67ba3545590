/** `INNKEEPER_GUEST_CIDRS`: the networks that guests and hosts may be in. */
import { isLoopback } from '../config/listen-address.ts';
import {
  formatNetwork,
  isIn,
  neverWithin,
  network,
  parseAddress,
  type Network,
} from './guest-address.ts';

export type GuestCidrs =
  | {
      readonly ok: true;
      readonly networks: readonly Network[];
      /** To be said at the start: what of the setting stays without effect. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

const MAX_NETWORKS = 64;
const MAX_SHOWN = 60;
const BITS = { ipv4: 32, ipv6: 128 } as const;
const ACCEPTED = 'accepted are networks joined by commas, such as 10.0.0.0/8,fd00::/8';

/**
 * RFC 1918 and RFC 4193. Not 100.64.0.0/10: it is the carrier's, shared by strangers, and holds a
 * metadata service; whose guests are there (Tailscale, some clouds) lists it.
 */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].map((text) =>
  network(text),
);
const LOOPBACK = ['127.0.0.0/8', '::1/128'].map((text) => network(text));

/** Who can reach a manager on loopback only is on its machine, and can ask loopback themselves. */
export const defaultGuestNetworks = (listenHost: string): readonly Network[] =>
  isLoopback(listenHost) ? [...PRIVATE, ...LOOPBACK] : PRIVATE;

const parseNetwork = (text: string): Network | undefined => {
  const parts = text.split('/');
  const [host = '', prefixText] = parts;
  const address = parts.length <= 2 ? parseAddress(host) : undefined;
  // `::ffff:10.0.0.0/104` would count its bits in another kind of address.
  if (address === undefined || (host.includes(':') && address.kind() === 'ipv4')) return undefined;
  const bits = BITS[address.kind()];
  if (prefixText === undefined) return { address, prefix: bits };
  if (!/^(?:0|[1-9]\d{0,2})$/u.test(prefixText) || Number(prefixText) > bits) return undefined;
  // Masked: who writes 10.1.2.3/8 means the network around it.
  return network(`${host}/${prefixText}`);
};

const warningOf = (one: Network): string | undefined => {
  const closed = neverWithin(one);
  if (closed.length === 0) return undefined;
  const swallowed = closed.find((never) => isIn(one.address, never) && never.prefix <= one.prefix);
  const name = formatNetwork(one);
  return swallowed === undefined
    ? `${name} in INNKEEPER_GUEST_CIDRS holds ${closed.map(formatNetwork).join(', ')}, which no guest may be in`
    : `${name} in INNKEEPER_GUEST_CIDRS has no effect: no guest may be in ${formatNetwork(swallowed)}`;
};

export const parseGuestCidrs = (text: string): GuestCidrs => {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > MAX_NETWORKS) {
    return {
      ok: false,
      problem: `has ${parts.length} networks; at most ${MAX_NETWORKS} are accepted`,
    };
  }
  const networks: Network[] = [];
  for (const part of parts) {
    const parsed = parseNetwork(part);
    if (parsed === undefined) {
      const shown = JSON.stringify(part.slice(0, MAX_SHOWN));
      return { ok: false, problem: `${shown} is no network: ${ACCEPTED}` };
    }
    networks.push(parsed);
  }
  const warnings = networks.map(warningOf).filter((warning) => warning !== undefined);
  return { ok: true, networks, warnings };
};
