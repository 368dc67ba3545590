import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../sources/kernel-files.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { settled } from '../testing/settled.ts';
import { makeStatCollectors } from './stat.ts';

const statOf = (forks: number): string => `cpu  1 1 1 1\ncpu0 1 1 1 1\nprocesses ${forks}\n`;

const setUp = () => {
  const files = makeFakeFiles({ '/proc/stat': statOf(1) });
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  return { files, ...makeStatCollectors(kernel) };
};

describe('makeStatCollectors', () => {
  it('reads the file once for both where a scrape wants both', async () => {
    const { files, cpu, stat } = setUp();
    for (let scrape = 1; scrape <= 3; scrape += 1) {
      files.set('/proc/stat', statOf(scrape));
      const ofCpu = cpu.collect();
      files.set('/proc/stat', statOf(1000));
      const ofStat = stat.collect();
      expect(await ofCpu).toMatchObject({ ok: true, value: { forks: scrape } });
      expect(await ofStat).toMatchObject({ ok: true, value: { forks: scrape } });
      await settled();
    }
    expect(files.readCount('/proc/stat')).toBe(3);
  });

  it('never shows an old reading where a scrape wants only one', async () => {
    const { files, cpu, stat } = setUp();
    await cpu.collect();
    for (let scrape = 2; scrape <= 4; scrape += 1) {
      await settled();
      files.set('/proc/stat', statOf(scrape));
      expect(await stat.collect()).toMatchObject({ ok: true, value: { forks: scrape } });
    }
  });
});
