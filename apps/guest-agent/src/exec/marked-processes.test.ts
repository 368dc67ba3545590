import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { pidStatText } from '../testing/make-process.ts';
import { findMarked } from './marked-processes.ts';

const machine = {
  architecture: 'x86_64',
  pageSizeBytes: 4096,
  pid: 50,
  uid: 0,
  interfaceAddresses: () => ({ ok: true, value: [] }) as const,
};

const setUp = (self: string) => {
  const files = makeFakeFiles({
    '/proc/100/stat': pidStatText({ pid: 100 }),
    '/proc/100/environ': 'INNKEEPER_EXECUTION=a\0PATH=/bin\0',
    '/proc/200/stat': pidStatText({ pid: 200 }),
    '/proc/200/environ': 'PATH=/bin\0INNKEEPER_EXECUTION=a\0',
    '/proc/300/stat': pidStatText({ pid: 300 }),
    '/proc/300/environ': 'INNKEEPER_EXECUTION=ab\0',
    '/proc/400/stat': pidStatText({ pid: 400 }),
    '/proc/400/environ': 'X=INNKEEPER_EXECUTION=a\0',
    '/proc/500/stat': pidStatText({ pid: 500 }),
    '/proc/cpuinfo': 'INNKEEPER_EXECUTION=a',
  });
  files.link('/proc/self', self);
  return { files, machine };
};

describe('findMarked', () => {
  it('finds what carries the mark and has left the group, and nothing that only looks like it', () => {
    expect(findMarked(setUp('50'), 'a', 100)).toEqual([200]);
    expect(findMarked(setUp('50'), 'a', 999)).toEqual([100, 200]);
  });

  it('finds nothing in a proc that numbers processes otherwise', () => {
    expect(findMarked(setUp('4711'), 'a', 999)).toEqual([]);
  });
});
