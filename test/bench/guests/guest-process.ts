/**
 * One guest from its first boot until its agent has been asked for some time, as a process of its own
 * in the network of the guests: it is started with the guest's memory in MiB and that time in seconds,
 * and prints what it has measured.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startProduct, type ProductGuest } from '../../vm/product.ts';
import type { GuestFigures } from './figures.ts';

const [memoryMib = 0, calmSeconds = 0] = process.argv.slice(2).map(Number);
/** 128 MB are few for cloud-init, which then reads its own pages again and again. */
const BOOT_MS = 15 * 60_000;

const kibOf = (text: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'mu').exec(text)?.[1]);

const measure = async (guest: ProductGuest): Promise<GuestFigures> => {
  const first = await guest.untilUp(BOOT_MS);
  const firstReadingSeconds = (performance.now() - guest.startedAt) / 1000;
  await guest.untilCloudInitEnds(BOOT_MS);
  await sleep(calmSeconds * 1000);
  const pid = await guest.shell.run('systemctl show -P MainPID guest-agent', BOOT_MS);
  const status = await guest.shell.run(`cat /proc/${pid}/status`, BOOT_MS);
  return {
    memoryMib,
    totalKib: kibOf(await guest.shell.run('cat /proc/meminfo', BOOT_MS), 'MemTotal'),
    firstReadingSeconds,
    uptimeSeconds: first.uptime_seconds ?? Number.NaN,
    residentKib: kibOf(status, 'VmRSS'),
    anonymousKib: kibOf(status, 'RssAnon'),
    peakKib: kibOf(status, 'VmHWM'),
  };
};

const stopped = new Promise<never>((_, fail) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => fail(new Error(`stopped by ${name}`)));
  }
});
const product = await startProduct();
try {
  const guest = await Promise.race([product.addGuest({ init: 'systemd', memoryMib }), stopped]);
  console.log(JSON.stringify(await Promise.race([measure(guest), stopped])));
} finally {
  await product.stop();
}
