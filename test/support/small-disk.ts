/** A disk that is soon full, for who may mount one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  makeReadOnly(): void;
  remove(): void;
}

export const mountSmallDisk = (bytes: number): SmallDisk | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
  const args = ['-t', 'tmpfs', '-o', `size=${Math.ceil(bytes)}`, 'tmpfs', folder];
  if (spawnSync('mount', args).status !== 0) {
    rmdirSync(folder);
    return undefined;
  }
  return {
    folder,
    makeReadOnly: () => {
      spawnSync('mount', ['-o', 'remount,ro', folder]);
    },
    remove: () => {
      // Also where somebody still has it open: then a test has failed, and says why.
      spawnSync('umount', ['--lazy', folder]);
      rmdirSync(folder);
    },
  };
};
