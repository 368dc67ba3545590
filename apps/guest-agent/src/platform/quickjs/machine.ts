/** Architecture, page size and interface addresses. */
import type { InterfaceAddress, Machine } from '../platform.ts';
import { failure, succeed } from './failure.ts';

const FIELDS = 4;

const addressesOf = (fields: readonly (string | number)[]): InterfaceAddress[] =>
  Array.from({ length: fields.length / FIELDS }, (_, index) => {
    const [device, family, address, prefixLength] = fields.slice(index * FIELDS);
    return {
      device: String(device),
      family: family === 'ipv6' ? 'ipv6' : 'ipv4',
      address: String(address),
      prefixLength: Number(prefixLength),
    };
  });

const [architecture, pageSizeBytes, pid, uid] = native.machine();

export const quickjsMachine: Machine = {
  architecture,
  pageSizeBytes,
  pid,
  uid,
  interfaceAddresses: () => {
    const fields = native.interfaceAddresses();
    return typeof fields === 'number'
      ? failure(fields, 'getifaddrs')
      : succeed(addressesOf(fields));
  },
};
