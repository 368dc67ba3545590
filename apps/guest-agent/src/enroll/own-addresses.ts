/** The addresses under which the agent may be reached, the likelier ones first. */
import type { Listen } from '../config/settings.ts';
import type { InterfaceAddress } from '../platform/platform.ts';

const MAX_ADDRESSES = 64;
/** Of containers, bridges and tunnels: they seldom lead here from outside. */
const INNER = /^(?:docker|br-|veth|virbr|vnet|cni|flannel|cali|lxc|podman|tun|tap|wg)/u;

const isLinkLocal = (address: string): boolean =>
  /^(?:fe[89ab][\da-f]:|169\.254\.)/iu.test(address);
const isLoopback = (address: string): boolean => /^(?:127\.|::1$)/u.test(address);

export const ownAddresses = (
  listen: Listen,
  found: readonly InterfaceAddress[],
  isManagerLocal: boolean,
): readonly string[] => {
  if (listen.kind === 'tcp' && listen.host !== '0.0.0.0' && listen.host !== '::') {
    return /^[\d.]+$|:/u.test(listen.host) ? [listen.host] : ['127.0.0.1'];
  }
  const usable = found.filter(
    ({ address, family }) =>
      !isLinkLocal(address) &&
      (isManagerLocal || !isLoopback(address)) &&
      (family === 'ipv4' || listen.kind !== 'tcp' || listen.host === '::'),
  );
  const outer = usable.filter(({ device }) => !INNER.test(device));
  const inner = usable.filter(({ device }) => INNER.test(device));
  const sorted = [...outer, ...inner].map(({ address }) => address);
  return [...new Set(sorted)].slice(0, MAX_ADDRESSES);
};
