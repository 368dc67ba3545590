/**
 * A guest from its first boot to its end, against the running product. The tests follow one another:
 * what one leaves is where the next begins. `npm test` runs the first part.
 */
import {
  pageOf,
  provisioningRoundSchema,
  rpcResultSchemas,
  runCreatedSchema,
  runSchema,
  type Reading,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { browserOfFile } from '../support/browser.ts';
import { enrollmentOf } from '../support/enrolment.ts';
import { expectStatus, historyOf } from '../support/manager-questions.ts';
import { openPageOfLogs } from '../support/manager-logs.ts';
import { waitUntil } from '../support/wait-until.ts';
import { openGuestPage } from './guest-page.ts';
import { askOverSocket } from './rpc-socket.ts';
import {
  isMissedAs,
  isUp,
  startProduct,
  type IsSo,
  type Product,
  type ProductGuest,
} from './product.ts';

const BOOT_MS = 1_800_000;
const LONG_MS = 300_000;
// Tests with a browser have less elsewhere.
vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

const browser = browserOfFile();
let product: Product;
let guest: ProductGuest;
beforeAll(async () => {
  product = await startProduct();
  const beforeStart = async (vmId: string): Promise<void> => {
    for (const when of ['first_boot', 'every_boot'] as const) {
      const json = { name: when, when, vm_id: vmId, script: `echo boot >>/var/tmp/${when}` };
      const reply = await product.manager.ask('/v1/provisioning', { method: 'POST', json });
      expectStatus(reply, 201);
    }
  };
  guest = await product.addGuest({ init: 'systemd', beforeStart });
});
afterAll(async () => product.stop());

const until = async (what: string, isSo: IsSo, ms = LONG_MS) => guest.until(what, isSo, ms);
const say = (what: string): void => {
  const seconds = ((performance.now() - guest.startedAt) / 1000).toFixed(1);
  process.stderr.write(`  ${seconds} s after the start of QEMU: ${what}\n`);
};

describe('a new guest', () => {
  test(
    'that was given nothing but its seed image installs and enrols its agent',
    async () => {
      const reading = await guest.untilUp(BOOT_MS);
      say('its first reading');
      expect(await enrollmentOf(product.manager, guest.vmId)).toMatchObject({ state: 'enrolled' });
      expect(reading).toMatchObject({ identity: 'verified', cpu_count: 2, reason: null });
      const vm = (await product.manager.ask(`/v1/vms/${guest.vmId}`)).json();
      // It came by itself, and what crosses the network from now on is encrypted.
      expect(vm).toMatchObject({ guest_ip: guest.guestIp, enrolled: true });
      expect(vm).toHaveProperty('tls_pin', expect.stringMatching(/./u));
      await guest.untilCloudInitEnds(LONG_MS);
    },
    BOOT_MS,
  );

  test('has the metrics that its /proc says', async () => {
    const field = async (name: string): Promise<number> =>
      Number(await guest.shell.run(`awk '/^${name}:/ { print $2 * 1024 }' /proc/meminfo`));
    const reading = await until('a reading of its own', isUp);
    expect(reading.memory_total_bytes).toBe(await field('MemTotal'));
    expect(reading.boot_id).toBe(await guest.shell.run('cat /proc/sys/kernel/random/boot_id'));
    const uptime = Number((await guest.shell.run('cat /proc/uptime')).split(' ')[0]);
    expect(reading.uptime_seconds ?? Number.NaN).toBeLessThanOrEqual(uptime);
    await until('its clock goes on', ({ uptime_seconds: now }) => (now ?? 0) >= uptime);
    await until(
      'as much memory is available as it says',
      async ({ memory_available_bytes: told }) => {
        const available = await field('MemAvailable');
        return Math.abs((told ?? 0) - available) < available * 0.1;
      },
    );
    const root = reading.filesystems?.find(({ mountpoint }) => mountpoint === '/');
    const size = Number(await guest.shell.run("stat -f -c '%b %S' / | awk '{ print $1 * $2 }'"));
    expect(root?.size_bytes).toBe(size);
    const pid = await guest.shell.run('systemctl show -P MainPID guest-agent');
    const memory = await guest.shell.run(`awk '/^Vm(RSS|HWM):|^RssAnon:/' /proc/${pid}/status`);
    say(`memory of the agent: ${memory.replaceAll(/\s+/gu, ' ')}`);
    expect(reading.networks?.map(({ device }) => device)).toContain('eth0');
  });

  test('sends a line that logger writes', async () => {
    const page = await openPageOfLogs(product.manager, guest.vmId);
    try {
      await guest.shell.run('logger -t of-a-test "the inn is open"');
      await waitUntil('it has come', () => page.messages().includes('the inn is open'), LONG_MS);
      expect(page.dropped()).toBe(0);
    } finally {
      page.close();
    }
  });

  test('whose agent is killed is degraded with a reason, and its host shows it, until systemd starts it', async () => {
    await guest.shell.run('systemctl kill -s KILL guest-agent');
    const fallen = await until('it is missed', isMissedAs('unreachable'));
    expect(fallen.state).toBe('degraded');
    expect(fallen.host).toMatchObject({ vmm_state: 'running', vcpu_count: 2 });
    await until('its guest is back', isUp);
    expect(await guest.shell.run('systemctl show -P NRestarts guest-agent')).toBe('1');
  });
});

/** How often each script has run, by what it left in the guest. */
const boots = async (when: 'first_boot' | 'every_boot'): Promise<number> =>
  Number(await guest.shell.run(`cat /var/tmp/${when} 2>/dev/null | wc -l`));

test('its scripts for the first boot and for every boot have run once', async () => {
  await waitUntil('they have run', async () => (await boots('every_boot')) === 1, LONG_MS);
  expect(await boots('first_boot')).toBe(1);
});

test('the names of node_exporter are there for the guest itself, and closed to others', async () => {
  const told = await guest.shell.run('curl -sf http://127.0.0.1:8080/metrics | grep "^# TYPE"');
  expect(told.split('\n').map((line) => line.split(' ').slice(2).join(' '))).toEqual(
    expect.arrayContaining([
      'node_cpu_seconds_total counter',
      'node_memory_MemTotal_bytes gauge',
      'node_filesystem_size_bytes gauge',
      'node_network_receive_bytes_total counter',
      'node_disk_read_bytes_total counter',
      'node_load1 gauge',
      'node_uname_info gauge',
    ]),
  );
  // What it says depends on whether it encrypts.
  const reply = await fetch(`http://${guest.guestIp}:8080/metrics`, {
    headers: { connection: 'close' },
  });
  expect([401, 403, 426]).toContain(reply.status);
  expect(await reply.text()).not.toContain('node_');
});

describe('in the browser', () => {
  test('load in the guest moves its chart', async (context) => {
    const { cpuFigure, colouredAtTheTop } = await openGuestPage(context, browser, product, guest);
    await waitUntil('the guest is idle', async () => (await cpuFigure()) < 50, LONG_MS);
    const before = await colouredAtTheTop();
    const from = Date.now();
    // Until it was seen: a busy machine misses many a second of its guest.
    const busy = 'timeout 1000 sh -c "while :; do :; done" & echo $! >>/run/busy';
    await guest.shell.run(`for i in 1 2; do ${busy}; done; sleep 1`);
    await waitUntil('the page says so', async () => (await cpuFigure()) > 85, LONG_MS);
    const grows = async (): Promise<boolean> => (await colouredAtTheTop()) > before + 100;
    await waitUntil('the chart rises', grows, LONG_MS);
    const isKept = async (): Promise<boolean> => {
      const { series } = await historyOf(product.manager, guest.vmId, from, Date.now());
      return (series.cpu_usage_percent?.max ?? []).some((value) => (value ?? 0) > 85);
    };
    await waitUntil('the history has it', isKept, LONG_MS);
    await guest.shell.run('kill $(cat /run/busy)');
    await waitUntil('it falls again', async () => (await cpuFigure()) < 50, LONG_MS);
    expect(await colouredAtTheTop()).toBeGreaterThan(before);
  });

  test('a line that logger writes arrives', async (context) => {
    const { page } = await openGuestPage(context, browser, product, guest, '?tab=logs');
    await page.locator('.log-foot .live-dot[data-state="live"]').waitFor();
    await guest.shell.run('logger -t innkeeping -p user.warning "a guest has come, <b>late</b>"');
    const line = page.locator('.log-line', { hasText: 'a guest has come, <b>late</b>' });
    await line.waitFor();
    expect(await line.getAttribute('data-level')).toBe('warn');
    // journald knows the unit of a program only where that has not ended yet.
    const target = await line.locator('.log-unit').textContent();
    expect(['innkeeping', 'test-shell.service']).toContain(target);
  });
});

test('a command runs in the guest, and its output comes back', async () => {
  const json = { script: 'cat /etc/hostname; echo done $((6 * 7)); exit 3' };
  const begun = await product.manager.ask(`/v1/vms/${guest.vmId}/exec`, { method: 'POST', json });
  const { run_id: id } = runCreatedSchema.parse(expectStatus(begun, 202).json());
  const read = async () =>
    runSchema.parse(expectStatus(await product.manager.ask(`/v1/runs/${id}`), 200).json());
  await waitUntil('it ends', async () => (await read()).ended_at !== null, LONG_MS);
  const [execution] = (await read()).executions;
  expect(execution).toMatchObject({ state: 'exited', exit_code: 3 });
  const log = await product.manager.ask(`/v1/runs/${id}/executions/${execution?.id}/log`);
  expect(log.text).toContain(await guest.shell.run('hostname'));
  expect(log.text).toContain('done 42');
});

describe('a guest that is started anew', () => {
  test(
    'has its agent back without enrolling again, in another boot',
    async () => {
      const before = await until('a reading of its own', isUp);
      const { agent } = await enrollmentOf(product.manager, guest.vmId);
      await guest.shell.run('systemd-run --on-active=1 --quiet systemctl reboot');
      const isAnother = (one: Reading): boolean => isUp(one) && one.boot_id !== before.boot_id;
      const after = await until('another boot', isAnother, BOOT_MS);
      const entered = 'systemctl show -P ActiveEnterTimestampMonotonic guest-agent';
      const seconds = (Number(await guest.shell.run(entered)) / 1e6).toFixed(1);
      say(
        `its next reading, at ${after.uptime_seconds} s of uptime; the agent began at ${seconds} s`,
      );
      expect(after.identity).toBe('verified');
      const { agent: same } = await enrollmentOf(product.manager, guest.vmId);
      expect(same).toMatchObject({
        fingerprint: agent?.fingerprint,
        enrolled_at: agent?.enrolled_at,
      });
    },
    BOOT_MS,
  );

  test('runs the scripts for every boot again, and those for the first one not', async () => {
    await waitUntil('they have run', async () => (await boots('every_boot')) === 2, LONG_MS);
    const asked = await product.manager.ask(`/v1/vms/${guest.vmId}/provisioning`);
    const { items } = pageOf(provisioningRoundSchema).parse(expectStatus(asked, 200).json());
    expect(items.map(({ cause }) => cause)).toEqual(['boot', 'boot']);
    await waitUntil('nothing runs any more', async () => (await boots('first_boot')) === 1);
  });
});

describe('the virtio-serial port', () => {
  const change = async (json: Readonly<Record<string, unknown>>): Promise<void> => {
    const path = `/v1/vms/${guest.vmId}`;
    expectStatus(await product.manager.ask(path, { method: 'PATCH', json }), 200);
  };

  test('answers JSON-RPC', async () => {
    const setting = 'GUEST_AGENT_VIRTIO_PORT=/dev/virtio-ports/org.innkeeper.agent.0';
    await guest.shell.run(`echo ${setting} >>/etc/guest-agent/environment`);
    await guest.shell.run('systemctl restart guest-agent');
    const result = await askOverSocket(guest.virtioSocket, 'get_system_info', LONG_MS);
    const told = rpcResultSchemas.get_system_info.parse(result);
    expect(told.hostname).toBe(await guest.shell.run('hostname'));
    expect(told.os_name).toContain('Debian');
  });

  test('is enough for a manager that has no network to the guest', async () => {
    await change({ agent_socket: { kind: 'virtio', path: guest.virtioSocket } });
    await guest.shell.run('ip link set eth0 down');
    const since = Date.now();
    await until('a reading over the port', (one) => isUp(one) && one.taken_at > since + 5_000);
    await guest.shell.run('ip link set eth0 up');
    await change({ agent_socket: null });
    await until('the network is back', isUp);
  });
});

describe('a VM of which the vCPUs are stopped', () => {
  test('is told apart from one whose agent is dead', async () => {
    await guest.qemu.qmp.execute('stop');
    // The host sees it before two pulls of the guest have failed.
    await until('it is seen', (one) => one.host?.vmm_state === 'paused');
    const missed = await until('the agent is missed', isMissedAs('timeout'));
    expect(missed).toMatchObject({
      state: 'degraded',
      host: { vmm_state: 'paused', qmp_status: 'paused' },
    });
    await guest.qemu.qmp.execute('cont');
    await until('it goes on', isUp);
  });

  test('is down when QEMU has ended', async () => {
    await guest.qemu.qmp.execute('quit');
    const down = await until('it is down', ({ state }) => state === 'down');
    expect(down).toMatchObject({ origin: 'none', cpu_usage_percent: null });
  });
});
