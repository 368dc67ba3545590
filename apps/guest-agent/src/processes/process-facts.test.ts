import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../sources/kernel-files.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { makeProcessFacts } from './process-facts.ts';

const setUp = () => {
  const clock = makeFakeClock();
  const files = makeFakeFiles({
    '/proc/meminfo': 'MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 20 kB\n',
    '/proc/stat': 'cpu  1 1 1 1\nbtime 1759999000\n',
    '/etc/passwd': 'root:x:0:0::/:/bin/sh\n',
  });
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  return { clock, files, facts: makeProcessFacts(kernel, 4096, clock) };
};

describe('makeProcessFacts', () => {
  it('knows memory, boot time and names of users', () => {
    expect(setUp().facts.read()).toMatchObject({
      pageSizeBytes: 4096,
      memoryTotalBytes: 1_024_000,
      bootTimeSeconds: 1_759_999_000,
      userNames: new Map([[0, 'root']]),
    });
  });

  it('does not read again what its caller has read', () => {
    const { files, facts } = setUp();
    const totals = { memoryTotalBytes: 7, bootTimeSeconds: undefined };
    expect(facts.given(totals)).toMatchObject({ ...totals, userNames: new Map([[0, 'root']]) });
    expect(files.readCount('/proc/meminfo') + files.readCount('/proc/stat')).toBe(0);
  });

  it('finds a new user within half a minute, also where the file was replaced', () => {
    const { clock, files, facts } = setUp();
    facts.read();
    files.replace('/etc/passwd', 'root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n');
    clock.advance(30_000);
    expect(facts.read().userNames.get(1000)).toBeUndefined();
    clock.advance(1);
    expect(facts.read().userNames.get(1000)).toBe('ann');
    expect(files.readCount('/etc/passwd')).toBe(2);
  });

  it('knows nothing where the machine tells nothing', () => {
    const { files, facts } = setUp();
    for (const path of ['/proc/meminfo', '/proc/stat', '/etc/passwd']) files.unplug(path);
    expect(facts.read()).toMatchObject({
      memoryTotalBytes: undefined,
      bootTimeSeconds: undefined,
      userNames: new Map(),
    });
  });
});
