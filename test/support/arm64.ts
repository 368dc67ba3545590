/**
 * The native agent for arm64 and a machine for it: Debian's cross compiler, from the PATH or unpacked
 * in the cache, and QEMU, which runs one program of another machine (qemu-user).
 */
import { compileNative, makeNativeBundle } from '../../scripts/build/native.ts';
import { ARM64, type Target } from '../../scripts/build/native/target.ts';
import { debianBinary, debianVariables, type DebianProgram } from './debian-package.ts';
import type { Obtained } from './obtained.ts';

const COMPILER: DebianProgram = {
  package: 'gcc-aarch64-linux-gnu',
  path: 'usr/bin/aarch64-linux-gnu-gcc',
  dependencies: true,
};
const EMULATOR: DebianProgram = {
  package: 'qemu-user-static',
  path: 'usr/bin/qemu-aarch64-static',
  alone: true,
};

const obtainEmulator = async (): Promise<Obtained> => debianBinary(EMULATOR);
const obtainCompiler = async (): Promise<Obtained> => debianBinary(COMPILER);

export const AGENT = 'apps/guest-agent/src/platform/quickjs/entry.ts';
export const DRIVER = 'apps/guest-agent/src/testing/native-platform/driver.ts';

export type Emulated =
  | { readonly ok: true; readonly launcher: readonly [string]; readonly path: string }
  | Extract<Obtained, { ok: false }>;

/** @param entry of the bundle that it runs */
export const obtainArm64 = async (entry: string): Promise<Emulated> => {
  const compiler = await obtainCompiler();
  if (!compiler.ok) return compiler;
  const emulator = await obtainEmulator();
  if (!emulator.ok) return emulator;
  const variables = debianVariables(compiler.path, COMPILER);
  const target: Target = { ...ARM64, compiler: { command: compiler.path, variables } };
  const { content } = await makeNativeBundle(entry);
  const compiled = await compileNative('release', content, target);
  return compiled.ok ? { ...compiled, launcher: [emulator.path] } : compiled;
};

/** For `npm test`, which fetches and compiles before the tests. */
export const obtainArm64Agent = async (): Promise<Obtained> => {
  const made = await obtainArm64(AGENT);
  return made.ok ? { ok: true, path: made.path, version: 'arm64' } : made;
};
