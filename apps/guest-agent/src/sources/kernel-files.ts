/** Where the agent's sources are: everything under the roots that the settings name. */
import type { Files, Outcome, ReadOptions } from '../platform/platform.ts';
import { makeSource, type Source } from './source.ts';

export interface KernelFiles {
  /** `stat` is /proc/stat. */
  proc(path: string, options?: ReadOptions): Source;
  sys(path: string, options?: ReadOptions): Source;
  /** Anywhere else, such as /etc/os-release. */
  at(path: string, options?: ReadOptions): Source;
  listProc(path: string): Outcome<readonly string[]>;
  listSys(path: string): Outcome<readonly string[]>;
  /** Reads once, without keeping the file open. */
  readProc(path: string, options?: ReadOptions): Outcome<string>;
  readSys(path: string, options?: ReadOptions): Outcome<string>;
  /** `self/ns/net` is the link /proc/self/ns/net. */
  readProcLink(path: string): Outcome<string>;
}

export const makeKernelFiles = (
  files: Files,
  roots: { readonly procRoot: string; readonly sysRoot: string },
): KernelFiles => {
  const { procRoot, sysRoot } = roots;
  return {
    proc: (path, options) => makeSource(files, `${procRoot}/${path}`, options),
    sys: (path, options) => makeSource(files, `${sysRoot}/${path}`, options),
    at: (path, options) => makeSource(files, path, options),
    listProc: (path) => files.list(`${procRoot}/${path}`),
    listSys: (path) => files.list(`${sysRoot}/${path}`),
    readProc: (path, options) => files.readText(`${procRoot}/${path}`, options),
    readSys: (path, options) => files.readText(`${sysRoot}/${path}`, options),
    readProcLink: (path) => files.readLink(`${procRoot}/${path}`),
  };
};
