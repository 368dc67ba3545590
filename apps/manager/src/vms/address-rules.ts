/**
 * Where guests and hosts may be. The manager asks these addresses with its own network access, so
 * whoever may register one could otherwise read what only the manager's machine can reach.
 */
import { refuse, type Problem } from '../http/problem.ts';
import { isLoopback } from '../config/listen-address.ts';
import {
  canonicalAddress,
  formatAddress,
  formatNetwork,
  isIn,
  neverReason,
  parseAddress,
  type Network,
} from './guest-address.ts';

export type CheckedAddress =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly problem: Problem };

export interface AddressRules {
  /** The canonical form of an address that may be registered. */
  check(field: 'guest_ip' | 'address', text: string, port: number): CheckedAddress;
}

export interface AddressRulesOptions {
  readonly networks: readonly Network[];
  /** Where the manager listens: it must not ask itself. */
  readonly listen: () => { readonly host: string; readonly port: number };
  /** Of this machine, for a manager that listens on all of them. */
  readonly ownAddresses: () => readonly string[];
}

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);
/** More networks than fit into a sentence are counted. */
const MAX_NAMED = 8;

const CODES = { guest_ip: 'guest_ip_not_allowed', address: 'address_not_allowed' } as const;

const nameNetworks = (networks: readonly Network[]): string => {
  const named = networks.slice(0, MAX_NAMED).map(formatNetwork).join(', ');
  const more = networks.length - MAX_NAMED;
  return more > 0 ? `${named} and ${more} more` : named;
};

export const makeAddressRules = ({
  networks,
  listen,
  ownAddresses,
}: AddressRulesOptions): AddressRules => {
  const allowed = `allowed are ${nameNetworks(networks)} (INNKEEPER_GUEST_CIDRS)`;

  const isManager = (address: string, port: number): boolean => {
    const own = listen();
    if (own.port !== port) return false;
    if (own.host === 'localhost') return isLoopback(address);
    if (!ANY_ADDRESS.has(own.host)) return canonicalAddress(own.host) === address;
    return isLoopback(address) || ownAddresses().some((one) => canonicalAddress(one) === address);
  };

  return {
    check: (field, text, port) => {
      const no = (message: string): CheckedAddress =>
        refuse({ status: 422, code: CODES[field], message: `${field}: ${message}` });
      const address = parseAddress(text);
      if (address === undefined) {
        return no(
          `${JSON.stringify(text.slice(0, 60))} is no IPv4 or IPv6 address such as 192.168.1.100 or fd00::5`,
        );
      }
      const canonical = formatAddress(address);
      const never = neverReason(address);
      if (never !== undefined) return no(`${canonical} is never allowed (${never}); ${allowed}`);
      if (!networks.some((one) => isIn(address, one))) {
        return no(`${canonical} is not allowed; ${allowed}`);
      }
      if (isManager(canonical, port)) {
        return no(`${canonical} with port ${port} is this manager itself`);
      }
      return { ok: true, address: canonical };
    },
  };
};
