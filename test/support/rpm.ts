/** rpm(8), from the PATH or unpacked in the cache: Debian has it too. */
import { join } from 'node:path';
import {
  debianBinary,
  debianVariables,
  unpackedRoot,
  type DebianProgram,
} from './debian-package.ts';
import type { Obtained } from './obtained.ts';

const PROGRAM: DebianProgram = { package: 'rpm', path: 'usr/bin/rpm', dependencies: true };

export const obtainRpm = async (): Promise<Obtained> => debianBinary(PROGRAM);

/** For the environment of rpm and of rpm2cpio, which is beside it. */
export const rpmVariables = (path: string): Record<string, string> => {
  const root = unpackedRoot(path, PROGRAM);
  const settings = root === undefined ? {} : { RPM_CONFIGDIR: join(root, 'usr/lib/rpm') };
  return { ...debianVariables(path, PROGRAM), ...settings };
};
