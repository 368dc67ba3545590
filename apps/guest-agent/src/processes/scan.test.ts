import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../sources/kernel-files.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { pidStatText } from '../testing/make-process.ts';
import { scanProcesses } from './scan.ts';

const ROOTS = { procRoot: '/proc', sysRoot: '/sys' };

const pidsIn = (files: ReturnType<typeof makeFakeFiles>): readonly number[] => {
  const outcome = scanProcesses(makeKernelFiles(files, ROOTS));
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value.map(({ pid }) => pid);
};

describe('scanProcesses', () => {
  it('reads every process and nothing else that is in /proc', () => {
    const files = makeFakeFiles({
      '/proc/1/stat': pidStatText({ pid: 1 }),
      '/proc/4194304/stat': pidStatText({ pid: 4_194_304, comm: 'a) b (c' }),
      '/proc/stat': 'cpu 1 1 1 1\n',
      '/proc/self/stat': pidStatText({ pid: 1 }),
      '/proc/1a/stat': pidStatText({ pid: 5 }),
      '/proc/-1/stat': pidStatText({ pid: 6 }),
      '/proc/12345678901/stat': pidStatText({ pid: 7 }),
      '/proc/sys/kernel/hostname': 'vm\n',
    });
    expect(pidsIn(files)).toEqual([1, 4_194_304]);
  });

  it('leaves out processes that are gone when their turn comes, or make no sense', () => {
    const files = makeFakeFiles({
      '/proc/1/stat': pidStatText({ pid: 1 }),
      '/proc/2/status': 'Name:\tgone\n',
      '/proc/3/stat': '',
      '/proc/4/stat': '4 (x',
      '/proc/5/stat': pidStatText({ pid: 5 }),
    });
    files.set('/proc/6/stat', pidStatText({ pid: 6 }));
    files.fail('/proc/6/stat', 'ESRCH');
    expect(pidsIn(files)).toEqual([1, 5]);
  });

  it('keeps no file open', () => {
    const files = makeFakeFiles({ '/proc/1/stat': pidStatText({ pid: 1 }) });
    pidsIn(files);
    expect(files.openCount()).toBe(0);
  });

  it('says why where /proc cannot be listed', () => {
    expect(scanProcesses(makeKernelFiles(makeFakeFiles(), ROOTS))).toMatchObject({
      ok: false,
      error: { code: 'ENOENT' },
    });
  });
});
