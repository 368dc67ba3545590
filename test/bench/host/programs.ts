/** The stand-ins, compiled; without a compiler there is nothing to measure. */
import { obtainFirecracker } from '../../fakes/firecracker/stand-in.ts';
import { obtainIdleVmm } from '../../fakes/idle-vmm/idle-vmm.ts';
import type { Obtained } from '../../support/obtained.ts';
import type { Programs } from './hypervisor.ts';

const pathOf = (one: Obtained): string => {
  if (one.ok) return one.path;
  throw new Error(`${one.reason}. To have it: ${one.install}`);
};

export const obtainPrograms = async (): Promise<Programs> => ({
  idleVmm: pathOf(await obtainIdleVmm()),
  firecracker: pathOf(await obtainFirecracker()),
});
