/** From the command line of a VMM to what it says about the VM. */
import type { VmmKind } from '@innkeeper/protocol';
import { identifyCloudHypervisor } from './identify-cloud-hypervisor.ts';
import { identifyFirecracker } from './identify-firecracker.ts';
import { identifyQemu } from './identify-qemu.ts';
import type { VmmIdentity } from './vmm-identity.ts';

/** Undefined for a VMM program that runs no VM. */
export const identify = (kind: VmmKind, argv: readonly string[]): VmmIdentity | undefined => {
  switch (kind) {
    case 'qemu':
      return identifyQemu(argv);
    case 'firecracker':
      return identifyFirecracker(argv);
    case 'cloud-hypervisor':
      return identifyCloudHypervisor(argv);
    default: {
      const never: never = kind;
      return never;
    }
  }
};
