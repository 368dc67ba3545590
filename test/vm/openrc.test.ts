/**
 * A guest without systemd: Debian with OpenRC, the init of System V and a syslog, against the
 * running product. The tests follow one another.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/root.ts';
import { enrollmentOf } from '../support/enrolment.ts';
import { openPageOfLogs } from '../support/manager-logs.ts';
import { waitUntil } from '../support/wait-until.ts';
import { isMissedAs, isUp, startProduct, type Product, type ProductGuest } from './product.ts';

const BOOT_MS = 1_800_000;
const LONG_MS = 300_000;

let product: Product;
let guest: ProductGuest;
beforeAll(async () => {
  product = await startProduct();
  guest = await product.addGuest({ init: 'openrc', cpus: 1 });
});
afterAll(async () => product.stop());

const agentPid = async (): Promise<string> => guest.shell.run('pidof -s guest-agent || :');

test(
  'a guest with OpenRC that was given nothing but its seed image installs and enrols its agent',
  async () => {
    expect(await guest.untilUp(BOOT_MS)).toMatchObject({ cpu_count: 1, identity: 'verified' });
    expect(await enrollmentOf(product.manager, guest.vmId)).toMatchObject({ state: 'enrolled' });
    await guest.untilCloudInitEnds(LONG_MS);
    const script = readFileSync(join(root, 'cloud-init/units/guest-agent.openrc'), 'utf8');
    expect(await guest.shell.run('cat /etc/init.d/guest-agent')).toBe(script.trim());
    expect(await guest.shell.run('rc-service guest-agent status')).toContain('started');
    expect(await guest.shell.run('rc-update show default')).toContain('guest-agent');
  },
  BOOT_MS,
);

test('its readings are of itself', async () => {
  const { boot_id: bootId, memory_total_bytes: memory } = await guest.until(
    'a reading of its own',
    isUp,
    LONG_MS,
  );
  expect(bootId).toBe(await guest.shell.run('cat /proc/sys/kernel/random/boot_id'));
  const total = "awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo";
  expect(memory).toBe(Number(await guest.shell.run(total)));
});

test('a line that logger writes comes from the file of its syslog', async () => {
  const page = await openPageOfLogs(product.manager, guest.vmId);
  try {
    await guest.shell.run('logger -t of-a-test "the inn is open"');
    // A line of a file is its message, with the time and the host that syslog has put before it.
    const hasCome = (): boolean => page.messages().some((one) => one.endsWith('the inn is open'));
    await waitUntil('it has come', hasCome, LONG_MS);
    expect(page.dropped()).toBe(0);
  } finally {
    page.close();
  }
});

test('an agent that is killed is started again by supervise-daemon', async () => {
  const before = await agentPid();
  await guest.shell.run(`kill -KILL ${before}`);
  const fallen = await guest.until('it is missed', isMissedAs('unreachable'), LONG_MS);
  expect(fallen.state).toBe('degraded');
  await guest.until('its guest is back', isUp, LONG_MS);
  expect(await agentPid()).not.toBe(before);
});

test(
  'after a reboot the agent is there again without enrolling',
  async () => {
    const { boot_id: before } = await guest.until('a reading of its own', isUp, LONG_MS);
    const { agent } = await enrollmentOf(product.manager, guest.vmId);
    await guest.shell.run('(sleep 1; reboot) >/dev/null 2>&1 &');
    const isAnother = (one: Parameters<typeof isUp>[0]): boolean =>
      isUp(one) && one.boot_id !== before;
    await guest.until('another boot', isAnother, BOOT_MS);
    const { agent: same } = await enrollmentOf(product.manager, guest.vmId);
    expect(same).toMatchObject({
      fingerprint: agent?.fingerprint,
      enrolled_at: agent?.enrolled_at,
    });
  },
  BOOT_MS,
);
