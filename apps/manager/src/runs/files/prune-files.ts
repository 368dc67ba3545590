/** Keeps the newest log files of a VM: their names begin with their times. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Ours, and nothing that somebody has put beside them. */
const OURS = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-.*-[0-9a-f]{8}(?:\.[a-z]+)?\.log$/u;

/** @returns how many were deleted */
export const pruneFiles = async (folder: string, keep: number): Promise<number> => {
  const names = (await readdir(folder)).filter((name) => OURS.test(name)).sort();
  const old = names.slice(0, Math.max(0, names.length - keep));
  for (const name of old) await rm(join(folder, name), { force: true });
  return old.length;
};
