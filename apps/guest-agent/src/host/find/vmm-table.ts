/**
 * The VMM processes of this machine, found anew at each scan. A scan costs a listing of /proc and
 * one small read per VMM: what a process is, is remembered. A pid is used again, so a VMM is its pid
 * and its start time.
 */
import { parsePidStat, type PidStat } from '@innkeeper/procfs';
import type { Clock, Outcome, PlatformError } from '../../platform/platform.ts';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import type { Source } from '../../sources/source.ts';
import type { VmmIdentity } from '../identify/vmm-identity.ts';
import { isGone } from '../missing-part.ts';
import { examine } from './examine.ts';
import type { KeptFiles } from './kept-files.ts';
import { makeOtherProcesses } from './other-processes.ts';

export interface Vmm {
  readonly pid: number;
  readonly startTicks: number;
  /** Counts up with each new VMM; spreads what is not done at each call. */
  readonly serial: number;
  readonly identity: VmmIdentity;
  /** As of the last scan that could read it. */
  readonly stat: PidStat;
  /** Why the last scan could not. */
  readonly problem: PlatformError | undefined;
}

export interface Scan {
  /** Counts up with each scan. */
  readonly round: number;
  readonly vmms: readonly Vmm[];
  /** Listed at the scan before, and not any more. */
  readonly gone: readonly Vmm[];
}

export interface VmmTable {
  scan(): Outcome<Scan>;
  close(): void;
}

/** As many as an answer may have. */
const MAX_VMMS = 8192;

interface Entry extends Vmm {
  stat: PidStat;
  problem: PlatformError | undefined;
  round: number;
  readonly source: Source;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** False when the process is gone, or is another one. */
const refresh = (entry: Entry): boolean => {
  const text = entry.source.read();
  if (!text.ok) {
    // For want of descriptors or memory nobody can be read: that is no reason to say they are gone.
    entry.problem = text.error;
    return !isGone(text.error);
  }
  const stat = parsePidStat(text.value);
  if (!stat.ok) {
    entry.problem = { code: 'EINVAL', message: stat.error.detail };
    return true;
  }
  if (stat.value.startTicks !== entry.startTicks || stat.value.state === 'X') return false;
  entry.stat = stat.value;
  entry.problem = undefined;
  return true;
};

export const makeVmmTable = (
  kernel: KernelFiles,
  kept: KeptFiles,
  clock: Pick<Clock, 'monotonicMs'>,
): VmmTable => {
  const entries = new Map<string, Entry>();
  const others = makeOtherProcesses();
  let round = 0;
  let serial = 0;

  /** A child of a VMM that looks like it is a helper, or QEMU on its way to becoming a daemon. */
  const isHelper = ({ ppid }: PidStat): boolean => entries.has(String(ppid));

  const look = (pid: string, nowMs: number): Entry | undefined => {
    if (others.isKnown(pid, nowMs)) return undefined;
    const examined = entries.size < MAX_VMMS ? examine(kernel, pid) : undefined;
    if (examined === undefined || isHelper(examined.stat)) {
      others.remember(pid, nowMs);
      return undefined;
    }
    others.forget(pid);
    const { stat, identity } = examined;
    serial += 1;
    const entry: Entry = {
      pid: stat.pid,
      startTicks: stat.startTicks,
      serial,
      identity,
      stat,
      problem: undefined,
      round,
      source: kept.proc(`${pid}/stat`),
    };
    entries.set(pid, entry);
    return entry;
  };

  const drop = (entry: Entry): void => {
    entries.delete(String(entry.pid));
    entry.source.close();
  };

  /** Pids count up and start over, so a child may be listed before its parent. */
  const withoutHelpers = (found: readonly Entry[], added: readonly Entry[]): readonly Entry[] => {
    const helpers = new Set(added.filter(({ stat }) => isHelper(stat)));
    helpers.forEach(drop);
    return helpers.size === 0 ? found : found.filter((entry) => !helpers.has(entry));
  };

  const dropUnseen = (seen: number): readonly Entry[] => {
    if (entries.size <= seen) return [];
    const gone = [...entries.values()].filter((entry) => entry.round !== round);
    gone.forEach(drop);
    return gone;
  };

  const scan = (names: readonly string[]): Scan => {
    const nowMs = clock.monotonicMs();
    round += 1;
    others.startScan(nowMs);
    const found: Entry[] = [];
    const added: Entry[] = [];
    const replaced: Entry[] = [];
    let processes = 0;
    for (let index = 0; index < names.length; index += 1) {
      const pid = names[index] ?? '';
      if (!isDigit(pid.charCodeAt(0))) continue;
      processes += 1;
      const known = entries.get(pid);
      if (known !== undefined && refresh(known)) {
        known.round = round;
        found.push(known);
        continue;
      }
      if (known !== undefined) {
        replaced.push(known);
        drop(known);
      }
      const entry = look(pid, nowMs);
      if (entry === undefined) continue;
      found.push(entry);
      added.push(entry);
    }
    const gone = dropUnseen(found.length);
    others.endScan(processes - found.length);
    const vmms = added.length === 0 ? found : withoutHelpers(found, added);
    return { round, vmms, gone: [...replaced, ...gone] };
  };

  return {
    scan: () => {
      const names = kernel.listProc('');
      return names.ok ? { ok: true, value: scan(names.value) } : names;
    },
    close: () => {
      entries.forEach((entry) => entry.source.close());
      entries.clear();
      others.clear();
    },
  };
};
