/** Architecture, page size and interface addresses. */
import { readFileSync } from 'node:fs';
import { machine, networkInterfaces } from 'node:os';
import type { InterfaceAddress, Machine } from '../platform.ts';
import { failure } from './failure.ts';

const AT_PAGESZ = 6n;
const COMMON_PAGE_SIZE = 4096;

/** The page size from the auxiliary vector (getauxval(3)): pairs of 64-bit key and value. */
const readPageSize = (): number => {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let offset = 0; offset + 16 <= vector.length; offset += 16) {
      if (vector.readBigUInt64LE(offset) === AT_PAGESZ) {
        return Number(vector.readBigUInt64LE(offset + 8));
      }
    }
    return COMMON_PAGE_SIZE;
  } catch {
    // Only a sandbox without /proc/self gets here; 4 KiB is right on every x86_64 machine.
    return COMMON_PAGE_SIZE;
  }
};

const prefixLengthOf = (cidr: string | null): number => Number(cidr?.split('/')[1] ?? 0);

const readInterfaceAddresses = (): readonly InterfaceAddress[] =>
  Object.entries(networkInterfaces()).flatMap(([device, addresses]) =>
    (addresses ?? []).map((entry) => ({
      device,
      family: entry.family === 'IPv6' ? ('ipv6' as const) : ('ipv4' as const),
      address: entry.address,
      prefixLength: prefixLengthOf(entry.cidr),
    })),
  );

const interfaceAddresses: Machine['interfaceAddresses'] = () => {
  try {
    return { ok: true, value: readInterfaceAddresses() };
  } catch (error) {
    // A sandbox without netlink sockets.
    return failure(error);
  }
};

export const nodeMachine: Machine = {
  architecture: machine(),
  pageSizeBytes: readPageSize(),
  pid: process.pid,
  uid: process.geteuid?.() ?? 0,
  interfaceAddresses,
};
