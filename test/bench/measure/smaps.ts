/**
 * Memory of a process, from /proc/PID/smaps_rollup. VmRSS in status is approximate (the kernel
 * batches its counters per thread); this walks the page tables.
 * https://docs.kernel.org/filesystems/proc.html
 */

import { readFileSync } from 'node:fs';
import { readTree } from './process-tree.ts';

export interface MemoryUse {
  /** All pages of it that are in memory, shared or not. */
  readonly residentBytes: number;
  /** Pages that nobody else has mapped: what ending the process gives back. */
  readonly privateBytes: number;
  /** Shared pages divided by those who share them. */
  readonly proportionalBytes: number;
  /** Heap and stacks: what no file backs and the kernel cannot drop. */
  readonly anonymousBytes: number;
}

export const parseSmapsRollup = (text: string): MemoryUse => {
  const bytes = (name: string): number => {
    const kibibytes = new RegExp(String.raw`^${name}:\s+(\d+) kB$`, 'mu').exec(text)?.[1];
    if (kibibytes === undefined) throw new Error(`smaps_rollup has no line ${name}`);
    return Number(kibibytes) * 1024;
  };
  return {
    residentBytes: bytes('Rss'),
    privateBytes: bytes('Private_Clean') + bytes('Private_Dirty'),
    proportionalBytes: bytes('Pss'),
    anonymousBytes: bytes('Anonymous'),
  };
};

export const addMemory = (uses: readonly MemoryUse[]): MemoryUse => {
  const sum = (of: (use: MemoryUse) => number): number =>
    uses.reduce((total, use) => total + of(use), 0);
  return {
    residentBytes: sum((use) => use.residentBytes),
    privateBytes: sum((use) => use.privateBytes),
    proportionalBytes: sum((use) => use.proportionalBytes),
    anonymousBytes: sum((use) => use.anonymousBytes),
  };
};

/** Of the process and its descendants. */
export const readMemory = (pid: number): MemoryUse =>
  addMemory(
    readTree(pid).map((one) => parseSmapsRollup(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))),
  );
