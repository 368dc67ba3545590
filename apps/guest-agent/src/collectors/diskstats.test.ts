import { describe, expect, it } from 'vitest';
import { makeExpositions } from '../exposition/exposition.ts';
import { makeKernelFiles } from '../sources/kernel-files.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { makeDiskstatsCollector } from './diskstats.ts';

const UDEV = '/run/udev/data/b8:0';
const DISK = '   8       0 sda 1 0 1 1 1 0 1 1 0 1 1\n';

const setUp = () => {
  const files = makeFakeFiles({ '/proc/diskstats': DISK });
  const clock = makeFakeClock();
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  const collector = makeDiskstatsCollector(kernel, files, clock);
  const scrape = async (): Promise<string> => {
    const outcome = await collector.collect();
    const out = makeExpositions('prometheus')();
    if (outcome.ok) collector.expose(outcome.value, out);
    return out.finish();
  };
  const serial = async (): Promise<string | undefined> =>
    /^node_disk_info\{.*serial="(?<serial>[^"]*)"/mu.exec(await scrape())?.groups?.['serial'];
  return { files, clock, serial };
};

describe('what udev knows of a disk', () => {
  it('is read once a minute, which is soon enough for a volume in the place of another', async () => {
    const { files, clock, serial } = setUp();
    files.set(UDEV, 'E:ID_SERIAL_SHORT=first\n');
    expect(await serial()).toBe('first');
    files.set(UDEV, 'E:ID_SERIAL_SHORT=second\n');
    clock.advance(59_000);
    expect(await serial()).toBe('first');
    expect(files.readCount(UDEV)).toBe(1);
    clock.advance(1_000);
    expect(await serial()).toBe('second');
  });

  it('shows where the agent was there before udev', async () => {
    const { files, clock, serial } = setUp();
    expect(await serial()).toBe('');
    files.set(UDEV, 'E:ID_SERIAL_SHORT=late\n');
    clock.advance(60_000);
    expect(await serial()).toBe('late');
  });

  it('is forgotten with the disk', async () => {
    const { files, serial } = setUp();
    files.set(UDEV, 'E:ID_SERIAL_SHORT=first\n');
    await serial();
    files.set('/proc/diskstats', DISK.replace('sda', 'sdb').replace(' 0 sd', ' 16 sd'));
    await serial();
    files.set('/proc/diskstats', DISK);
    files.set(UDEV, 'E:ID_SERIAL_SHORT=second\n');
    expect(await serial()).toBe('second');
  });
});
