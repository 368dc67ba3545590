import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { keptFilesLimit, makeKeptFiles } from './kept-files.ts';

const make = (limits?: string) => {
  const files = makeFakeFiles({ '/proc/1/stat': 'one', '/proc/2/stat': 'two' });
  if (limits !== undefined) files.set('/proc/self/limits', limits);
  return { files, kernel: makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' }) };
};

it.each([
  ['Max open files            1024                 524288               files\n', 256],
  ['Max open files            524288               524288               files\n', 1024],
  ['Max open files            unlimited            unlimited            files\n', 1024],
  ['Max processes             96365                96365                processes\n', 256],
  [undefined, 256],
])('leaves three quarters of the descriptors to others: %j', (limits, expected) => {
  expect(keptFilesLimit(make(limits).kernel)).toBe(expected);
});

describe('makeKeptFiles', () => {
  it('keeps files open up to its limit, and opens the others each time', () => {
    const { files, kernel } = make();
    const kept = makeKeptFiles(kernel, 1);
    const first = kept.proc('1/stat');
    const second = kept.proc('2/stat');
    for (let count = 0; count < 3; count += 1) {
      expect(first.read()).toEqual({ ok: true, value: 'one' });
      expect(second.read()).toEqual({ ok: true, value: 'two' });
    }
    expect(files.openCount()).toBe(1);
    first.close();
    first.close();
    second.close();
    expect(files.openCount()).toBe(0);
    kept.proc('2/stat').read();
    expect(files.openCount()).toBe(1);
  });
});
