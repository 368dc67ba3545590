/**
 * Addresses as they are registered: one text for each address, so that two spellings of one are
 * never two guests, and no spelling leads past the rules of where guests may be.
 */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
export interface Network {
  readonly address: Address;
  readonly prefix: number;
}

/** `10.1.2.3/8` is 10.0.0.0 and 8. The text must be known to be a network. */
export const network = (text: string): Network => {
  const [address, prefix] = ipaddr.parseCIDR(text);
  const kind = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return { address: kind.networkAddressFromCIDR(text), prefix };
};

export const isIn = (address: Address, { address: base, prefix }: Network): boolean =>
  // The two kinds have nothing in common, and ipaddr.js throws when they are compared.
  address.kind() === base.kind() && address.match([base, prefix]);

export const formatAddress = (address: Address): string =>
  address.kind() === 'ipv6'
    ? ipaddr.IPv6.parse(address.toString()).toRFC5952String()
    : address.toString();

export const formatNetwork = ({ address, prefix }: Network): string =>
  `${formatAddress(address)}/${prefix}`;

/**
 * Strict: node's own check refuses leading zeros, octal, hexadecimal and short forms (`127.1`,
 * `0x7f000001`). `fe80::1%eth0` means another machine on each machine, so zones are refused too.
 */
export const parseAddress = (text: string): Address | undefined => {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
};

export const canonicalAddress = (text: string): string | undefined => {
  const address = parseAddress(text);
  return address === undefined ? undefined : formatAddress(address);
};

/**
 * What no setting allows: an address that is no machine, or one behind which clouds hand out
 * credentials to whoever asks from the manager's machine.
 */
const NEVER: readonly { readonly network: Network; readonly why: string }[] = [
  { network: network('0.0.0.0/8'), why: 'unspecified' },
  { network: network('::/128'), why: 'unspecified' },
  { network: network('169.254.0.0/16'), why: 'link-local, where clouds serve credentials' },
  { network: network('fe80::/10'), why: 'link-local' },
  { network: network('100.100.100.200/32'), why: "a cloud's metadata service" },
  { network: network('168.63.129.16/32'), why: "a cloud's metadata service" },
  { network: network('192.0.0.0/24'), why: "where a cloud's metadata service is" },
  { network: network('fd00:ec2::/32'), why: "a cloud's metadata service" },
  { network: network('fd20:ce::254/128'), why: "a cloud's metadata service" },
  { network: network('fd00:42::42/128'), why: "a cloud's metadata service" },
  { network: network('fd00:a9fe:a9fe::/48'), why: "a cloud's metadata service" },
  { network: network('224.0.0.0/4'), why: 'multicast' },
  { network: network('ff00::/8'), why: 'multicast' },
  { network: network('240.0.0.0/4'), why: 'reserved and broadcast' },
  // These lead to IPv4 addresses, link-local ones among them, past the rules for IPv4.
  { network: network('64:ff9b::/96'), why: 'a translation to IPv4' },
  { network: network('64:ff9b:1::/48'), why: 'a translation to IPv4' },
  { network: network('::ffff:0:0:0/96'), why: 'a translation to IPv4' },
  { network: network('2002::/16'), why: 'a translation to IPv4' },
];

const IPV4_COMPATIBLE = network('::/96');
const IPV6_LOOPBACK = '::1';

/** Why no guest may be there, whatever is configured; undefined where one may be. */
export const neverReason = (address: Address): string | undefined => {
  const never = NEVER.find((one) => isIn(address, one.network));
  if (never !== undefined) return never.why;
  return isIn(address, IPV4_COMPATIBLE) && formatAddress(address) !== IPV6_LOOPBACK
    ? 'a translation to IPv4'
    : undefined;
};

/** The networks of which `outer` holds all or a part, and that stay closed all the same. */
export const neverWithin = (outer: Network): readonly Network[] =>
  NEVER.map((never) => never.network).filter(
    (never) => isIn(never.address, outer) || isIn(outer.address, never),
  );
