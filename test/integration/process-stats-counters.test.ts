/**
 * What guests have done on disks and networks: the agent's counters against those of QMP, of the
 * taps, and of the stand-ins for Firecracker.
 */
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import {
  startFiveMachines,
  type FiveMachines,
  type StartedMachines,
} from '../support/five-machines.ts';
import { hasTotals, truthTotals } from '../support/firecracker-totals.ts';
import { valuesOf, vmOf } from '../support/host-agent.ts';
import { waitUntil } from '../support/wait-until.ts';

const MIB = 1024 * 1024;

/** Three to the discard port of a neighbour that is in the tap only. */
const SEND_DATAGRAMS = `const socket = require('node:dgram').createSocket('udp4');
let left = 3;
const sent = () => --left || socket.close();
for (let i = 0; i < 3; i += 1) socket.send('x'.repeat(200), 9, '192.0.2.2', sent);`;

const GUEST_COUNTERS = [
  ['receive_bytes_total', 'tx_bytes'],
  ['receive_packets_total', 'tx_packets'],
  ['receive_errs_total', 'tx_errors'],
  ['receive_drop_total', 'tx_dropped'],
  ['transmit_bytes_total', 'rx_bytes'],
  ['transmit_packets_total', 'rx_packets'],
  ['transmit_errs_total', 'rx_errors'],
  ['transmit_drop_total', 'rx_dropped'],
] as const;

describe.each(AGENT_BUILDS)('$name', (build) => {
  let started: StartedMachines | undefined;
  beforeAll(async () => {
    started = await startFiveMachines(build);
  });
  afterAll(async () => {
    if (started?.ok === true) await started.machines.close();
  });
  const ready = (context: TestContext): FiveMachines => {
    if (started === undefined) throw new Error('the machines did not start');
    return started.ok ? started.machines : started.skip(context);
  };

  test('block counters are those of QMP itself', async (context) => {
    const { host, web, db } = ready(context);
    for (const { pid, qmp } of [web, db]) {
      await waitUntil('the guest has read', async () => {
        const [disk] = await qmp.blockStats();
        return (disk?.stats.rd_operations ?? 0) > 20;
      });
      // A guest that stands still has one true answer.
      await qmp.execute('stop');
      const vm = await host.until(pid, 'QMP says paused', (one) => one.qmp.ok && !one.qmp.running);
      const [disk] = await qmp.blockStats();
      expect(valuesOf(vm.qmp)).toMatchObject({
        status: 'paused',
        block: [
          {
            device: disk?.device,
            read_bytes_total: disk?.stats.rd_bytes,
            reads_completed_total: disk?.stats.rd_operations,
            written_bytes_total: disk?.stats.wr_bytes,
            writes_completed_total: disk?.stats.wr_operations,
          },
        ],
      });
      expect(disk?.stats.wr_operations).toBeGreaterThan(10);
      await qmp.execute('cont');
    }
    const stats = await host.stats();
    const expected = { status: 'running', running: true, balloon_bytes: 64 * MIB };
    expect(valuesOf(vmOf(stats, web.pid).qmp)).toMatchObject(expected);
    expect(valuesOf(vmOf(stats, db.pid).qmp).balloon_bytes).toBeNull();
  });

  test('counters of a tap are turned to the side of the guest', async (context) => {
    const { host, network, mail, cache } = ready(context);
    const read = (tap: string, name: string): number =>
      Number(network.run('cat', [`/sys/class/net/${tap}/statistics/${name}`]));
    // The firmware of the guest's network card asks for DHCP.
    await waitUntil('the guest has sent', () => read('mail0', 'rx_packets') > 1, 12_000);
    await cache.order('send eth0 5 100');
    network.run('ip', ['address', 'add', '192.0.2.1/24', 'dev', 'cache0']);
    const neighbour = ['192.0.2.2', 'lladdr', '06:00:ac:10:00:02', 'dev', 'cache0'];
    network.run('ip', ['neighbour', 'replace', ...neighbour]);
    network.run(process.execPath, ['-e', SEND_DATAGRAMS]);

    for (const [vm, tap] of [
      [mail, 'mail0'],
      [cache, 'cache0'],
    ] as const) {
      const own = (): Readonly<Record<string, number>> =>
        Object.fromEntries(GUEST_COUNTERS.map(([wire, name]) => [wire, read(tap, name)]));
      await waitUntil(`${tap} stands still during a call`, async () => {
        const before = own();
        const { taps } = valuesOf(vmOf(await host.stats(), vm.pid).network);
        if (JSON.stringify(before) !== JSON.stringify(own())) return false;
        expect(taps).toStrictEqual([{ tap, ...before }]);
        return true;
      });
    }
    expect(read('cache0', 'rx_bytes')).toBe(500);
    expect(read('cache0', 'tx_packets')).toBeGreaterThanOrEqual(3);
  });

  test('totals of Firecracker are what it has counted', async (context) => {
    const { host, cache, build: second } = ready(context);
    await host.until(cache.pid, 'its metrics are read', (vm) => vm.firecracker.ok);
    const orders = [
      'net_eth0.rx_bytes_count 1500',
      'net_eth0.rx_packets_count 1',
      'block_rootfs.read_bytes 8192',
      'block_rootfs.read_count 2',
      'block_data.write_bytes 4096',
      'block_data.write_count 1',
    ];
    for (const order of [...orders, ...orders]) await cache.order(`add ${order}`);
    await second.order('add block_rootfs.write_bytes 123456789012');
    for (const vm of [cache, second]) {
      const wanted = truthTotals(await vm.truth());
      expect(Object.keys(wanted).length).toBeGreaterThan(0);
      const what = `${vm.id} has ${JSON.stringify(wanted)}`;
      const told = await host.until(vm.pid, what, (one) => hasTotals(one.firecracker, wanted));
      const part = valuesOf(told.firecracker);
      expect(part).toMatchObject({
        malformed_lines_total: 0,
        lost_lines_total: 0,
        restarts_total: 0,
      });
      expect(part.lines_total).toBeGreaterThan(0);
      expect(Math.abs(part.taken_at - Date.now())).toBeLessThan(10_000);
    }
    const part = valuesOf(vmOf(await host.stats(), cache.pid).firecracker);
    expect(part.net.map(({ device }) => device)).toStrictEqual(['eth0']);
    expect(part.block.map(({ device }) => device).sort()).toStrictEqual(['data', 'rootfs']);
  });
});
