/** Network interfaces with what identifies and addresses them. */
import type { Info } from '@innkeeper/protocol';
import type { InterfaceState } from '../collectors/interface-state.ts';
import type { InterfaceAddress } from '../platform/platform.ts';

export const describeInterfaces = (
  states: readonly InterfaceState[] | undefined,
  /** Undefined where the machine does not tell. */
  addresses: readonly InterfaceAddress[] | undefined,
): Info['interfaces'] => {
  const byDevice = new Map(states?.map((state) => [state.device, state]));
  // An address can be newer than the listing of /sys, so either may name a device.
  const devices = new Set([...byDevice.keys(), ...(addresses ?? []).map(({ device }) => device)]);
  return [...devices].map((device) => {
    const state = byDevice.get(device);
    return {
      device,
      mac_address: state === undefined || state.address === '' ? null : state.address,
      mtu_bytes: state?.numbers.get('mtu') ?? null,
      operstate: state === undefined || state.operstate === '' ? null : state.operstate,
      addresses:
        addresses
          ?.filter((address) => address.device === device)
          .map(({ family, address, prefixLength }) => ({
            family,
            address,
            prefix_length: prefixLength,
          })) ?? null,
    };
  });
};
