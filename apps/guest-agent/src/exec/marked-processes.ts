/**
 * The processes of an execution that have left its process group: daemons, `setsid`, `nohup`. They
 * have inherited its mark in their environment, and are told apart from all others by it.
 */
import { parsePidStat } from '@innkeeper/procfs';
import type { Platform } from '../platform/platform.ts';
import { MARK } from './environment.ts';

const PID = /^\d{1,10}$/u;
const MAX_ENVIRON_BYTES = 256 * 1024;

/** Process ids outside the group of `pid`. What may not be read is nobody's. */
export const findMarked = (
  { files, machine }: Pick<Platform, 'files' | 'machine'>,
  id: string,
  pid: number,
): readonly number[] => {
  // A /proc of other namespaces numbers processes otherwise, and the wrong ones would be ended.
  const self = files.readLink('/proc/self');
  if (!self.ok || self.value !== String(machine.pid)) return [];
  const names = files.list('/proc');
  if (!names.ok) return [];
  const mark = `\0${MARK}=${id}\0`;
  const isMarked = (name: string): boolean => {
    const stat = files.readText(`/proc/${name}/stat`, { whole: true });
    const parsed = stat.ok ? parsePidStat(stat.value) : undefined;
    if (parsed?.ok !== true || parsed.value.pgrp === pid) return false;
    // Of a zombie it is empty.
    const environ = files.readText(`/proc/${name}/environ`, { maxBytes: MAX_ENVIRON_BYTES });
    return environ.ok && `\0${environ.value}\0`.includes(mark);
  };
  return names.value.filter((name) => PID.test(name) && isMarked(name)).map(Number);
};
