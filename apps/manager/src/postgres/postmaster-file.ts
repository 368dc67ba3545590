/**
 * `postmaster.pid` in a data folder: who serves it and where. It outlives a server that was killed.
 * https://www.postgresql.org/docs/current/storage-file-layout.html
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | undefined;
  readonly socketDir: string | undefined;
  /** `starting`, `ready`, `stopping`, `standby`; undefined while the file is being written. */
  readonly status: string | undefined;
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/u.test(text) ? Number(text) : undefined;

export const parsePostmasterFile = (text: string): PostmasterFile | undefined => {
  const lines = text.split('\n').map((line) => line.trim());
  // A negative number is that of a single-user server.
  const pid = wholeNumber(lines[0]?.replace('-', ''));
  if (pid === undefined || pid < 1) return undefined;
  const filled = (line: string | undefined): string | undefined => (line === '' ? undefined : line);
  return {
    pid,
    port: wholeNumber(lines[3]),
    // More than one folder is listed with commas; we never give more than one.
    socketDir: filled(lines[4]),
    status: filled(lines[7]),
  };
};

/** @returns undefined: there is none, or it is empty */
export const readLockFile = async (path: string): Promise<PostmasterFile | undefined> => {
  try {
    return parsePostmasterFile(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Undefined: no server has been started, or it has stopped in order. */
export const readPostmasterFile = async (cluster: string): Promise<PostmasterFile | undefined> =>
  readLockFile(join(cluster, 'postmaster.pid'));
