/** VMMs that live as long as one test, which is skipped where they cannot be had. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import {
  obtainFirecracker,
  startFirecracker,
  type Firecracker,
  type FirecrackerOptions,
} from '../fakes/firecracker/stand-in.ts';
import {
  copyIdleVmm,
  obtainIdleVmm,
  startIdleVmm,
  type IdleVmm,
  type IdleVmmOptions,
} from '../fakes/idle-vmm/idle-vmm.ts';
import { orSkip } from './obtained.ts';

/** Its executable is gone once it runs, as after an upgrade of its package. */
export const useIdleVmm = async (
  context: TestContext,
  executable: string,
  options: Omit<IdleVmmOptions, 'path'> = {},
): Promise<IdleVmm> => {
  const idle = orSkip(context, 'the idle VMM', await obtainIdleVmm());
  const folder = mkdtempSync(join(tmpdir(), 'vmm-'));
  try {
    const path = copyIdleVmm(idle.path, folder, executable);
    const vmm = await startIdleVmm({ path, ...options });
    onTestFinished(async () => vmm.kill());
    return vmm;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export const useFirecracker = async (
  context: TestContext,
  options: Omit<FirecrackerOptions, 'path'>,
): Promise<Firecracker> => {
  const { path } = orSkip(context, 'the stand-in for Firecracker', await obtainFirecracker());
  const vm = await startFirecracker({ path, ...options });
  onTestFinished(async () => vm.kill());
  return vm;
};
