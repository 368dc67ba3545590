import { describe, expect, it } from 'vitest';
import type { Files } from '../../platform/platform.ts';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeClock } from '../../testing/fake-clock.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { makeProportionalMemory } from './proportional-memory.ts';

const VMMS = Array.from({ length: 20 }, (_, index) => ({ pid: 100 + index, serial: index + 1 }));

/** Each reading takes so long. */
const make = (readingMs: number) => {
  const files = makeFakeFiles();
  const clock = makeFakeClock();
  for (const { pid } of VMMS) {
    files.set(`/proc/${pid}/smaps_rollup`, `x [rollup]\nPss: ${pid} kB\n`);
  }
  const slow: Files = {
    ...files,
    readText: (path, options) => {
      clock.advance(readingMs);
      return files.readText(path, options);
    },
  };
  const kernel = makeKernelFiles(slow, { procRoot: '/proc', sysRoot: '/sys' });
  const memory = makeProportionalMemory(kernel, clock);
  const readings = (): number =>
    VMMS.reduce((sum, { pid }) => sum + files.readCount(`/proc/${pid}/smaps_rollup`), 0);
  return { files, clock, memory, readings };
};

describe('makeProportionalMemory', () => {
  it('knows nothing before a turn has come, and says how to ask', () => {
    expect(make(1).memory.of(1)).toMatchObject({
      pssBytes: null,
      pssAtMs: null,
      pssMissing: { reason: 'pending' },
    });
  });

  it('spends about a millisecond in a call, and comes round', () => {
    const { memory, readings } = make(0.25);
    memory.refresh(VMMS, false);
    expect(readings()).toBe(4);
    memory.refresh(VMMS, false);
    expect(readings()).toBe(8);
    for (let call = 0; call < 3; call += 1) memory.refresh(VMMS, false);
    for (const { pid, serial } of VMMS) {
      expect(memory.of(serial)).toMatchObject({ pssBytes: pid * 1024, pssMissing: null });
    }
  });

  it('reads each at most every tenth call', () => {
    const { memory, readings } = make(0);
    for (let call = 0; call < 100; call += 1) memory.refresh(VMMS, false);
    expect(readings()).toBe(VMMS.length * 10);
  });

  it('rests after a reading that took long', () => {
    const { memory, readings } = make(10);
    for (let call = 0; call < 100; call += 1) memory.refresh(VMMS, false);
    expect(readings()).toBe(10);
  });

  it('reads all of them when it is asked to, within a second', () => {
    const fast = make(1);
    fast.memory.refresh(VMMS, true);
    expect(fast.readings()).toBe(20);
    const slow = make(100);
    slow.memory.refresh(VMMS, true);
    expect(slow.readings()).toBe(10);
    slow.memory.refresh(VMMS, true);
    expect(slow.readings()).toBe(20);
    for (const { serial } of VMMS) expect(slow.memory.of(serial).pssMissing).toBeNull();
  });

  it('says why it does not know, and names what would help', () => {
    const { files, memory } = make(0);
    files.fail('/proc/100/smaps_rollup', 'EACCES');
    files.set('/proc/101/smaps_rollup', 'garbage');
    files.unplug('/proc/102/smaps_rollup');
    memory.refresh(VMMS, true);
    expect(memory.of(1).pssMissing).toMatchObject({ reason: 'forbidden' });
    expect(memory.of(1).pssMissing?.message).toContain('CAP_SYS_PTRACE');
    expect(memory.of(2).pssMissing).toMatchObject({ reason: 'malformed' });
    expect(memory.of(3).pssMissing).toMatchObject({ reason: 'absent' });
  });

  it('copes with no VM at all, and forgets one that is gone', () => {
    const { memory } = make(0);
    memory.refresh([], false);
    memory.refresh([], true);
    memory.refresh(VMMS, true);
    memory.forget(1);
    expect(memory.of(1).pssMissing).toMatchObject({ reason: 'pending' });
  });
});
