/** VMMs whose sockets and FIFOs say nothing: each costs one deadline once, and the others nothing. */
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFifo } from '../fakes/firecracker/stand-in.ts';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import { hasTotals, truthTotals } from '../support/firecracker-totals.ts';
import {
  startHostAgent,
  timeCalls,
  valuesOf,
  vmOf,
  type HostAgent,
} from '../support/host-agent.ts';
import { useFirecracker, useIdleVmm } from '../support/vmms-of-test.ts';

/** Of the agent, for an answer on a QMP socket. What does not answer costs none any more. */
const DEADLINE_MS = 300;
/** Half of what twenty deadlines take, one after the other. */
const TOGETHER_MS = 3_000;
const TEST_MS = 60_000;
/** Firecracker's metrics of a minute and a half at one flush a second; the pipe holds eleven. */
const OVERFLOW_FLUSHES = 90;

/** Takes connections and says nothing. */
const listenSilently = async (path: string): Promise<void> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  });
};

describe.each(AGENT_BUILDS)('$name', { timeout: TEST_MS }, (build) => {
  const startHost = async (): Promise<HostAgent> => {
    const host = await startHostAgent({ build });
    onTestFinished(async () => host.close());
    return host;
  };

  const expectFastAfterFirst = async (host: HostAgent): Promise<void> => {
    expect((await host.timed()).ms).toBeLessThan(TOGETHER_MS);
    // The fastest one: the others may be the machine's doing, or a try after the pause.
    expect((await timeCalls(host, 8))[0]).toBeLessThan(DEADLINE_MS);
  };

  test('a QMP socket that says nothing costs one deadline once', async (context) => {
    const host = await startHost();
    const path = join(host.folder, 'hung.qmp');
    await listenSilently(path);
    const args = ['-name', 'guest=hung', '-qmp', `unix:${path},server=on,wait=off`, '-m', '64'];
    const hung = await useIdleVmm(context, 'qemu-system-x86_64', { args });
    const healthy = await useFirecracker(context, { folder: host.folder, id: 'healthy' });
    await expectFastAfterFirst(host);
    const askedAt = Date.now();
    const vm = vmOf(await host.stats(), hung.pid);
    expect(vm.qmp).toMatchObject({ ok: false, reason: 'timeout' });
    if (!vm.qmp.ok) expect(vm.qmp.retry_at ?? 0).toBeGreaterThanOrEqual(askedAt);
    expect(valuesOf(vm.vcpus).count).toBe(2);
    expect(valuesOf(vm.memory).configured_bytes).toBe(64 * 1024 * 1024);
    await host.until(healthy.pid, 'its metrics are read', (one) => one.firecracker.ok);
  });

  test('twenty hung QMP sockets cost one deadline together', async (context) => {
    const host = await startHost();
    for (let index = 0; index < 20; index += 1) {
      const path = join(host.folder, `hung-${index}.qmp`);
      await listenSilently(path);
      const args = ['-name', `guest=hung-${index}`, '-qmp', `unix:${path},server=on,wait=off`];
      await useIdleVmm(context, 'qemu-system-x86_64', { args });
    }
    await expectFastAfterFirst(host);
  });

  test('a FIFO into which nobody writes and a dead API socket delay nothing', async (context) => {
    const host = await startHost();
    const fifo = join(host.folder, 'dead.metrics');
    makeFifo(fifo);
    const args = ['--id', 'dead', '--api-sock', join(host.folder, 'dead.socket')];
    const dead = await useIdleVmm(context, 'firecracker', {
      args: [...args, '--metrics-path', fifo],
    });
    const healthy = await useFirecracker(context, { folder: host.folder, id: 'healthy' });
    await expectFastAfterFirst(host);
    const vm = vmOf(await host.stats(), dead.pid);
    expect(vm).toMatchObject({ id: 'dead', firecracker: { ok: false, reason: 'pending' } });
    await host.until(healthy.pid, 'its metrics are read', (one) => one.firecracker.ok);
  });

  test('a Firecracker whose API hangs is still read when its own timer fires', async (context) => {
    const host = await startHost();
    const vm = await useFirecracker(context, { folder: host.folder, id: 'hung' });
    await vm.order('hang');
    await expectFastAfterFirst(host);
    await vm.order('add net_eth0.tx_bytes_count 4000');
    await vm.order('flush');
    const wanted = truthTotals(await vm.truth());
    await host.until(vm.pid, 'it has counted', (one) => hasTotals(one.firecracker, wanted));
    await vm.order('unhang');
  });

  test('what overflowed before the agent came is lost, and what comes then is exact', async (context) => {
    const host = await startHost();
    const vm = await useFirecracker(context, { folder: host.folder, id: 'full' });
    for (let flush = 0; flush < OVERFLOW_FLUSHES; flush += 1) {
      await vm.order('add net_eth0.rx_bytes_count 1000');
      await vm.order('flush');
    }
    const before = await vm.truth();
    expect(before.failures).toBeGreaterThan(OVERFLOW_FLUSHES / 2);
    await host.until(vm.pid, 'it is read', (one) => one.firecracker.ok);
    const base = valuesOf(vmOf(await host.stats(), vm.pid).firecracker);
    const counted = base.net[0]?.receive_bytes_total ?? 0;
    // What Firecracker could not write it tells in the first line that it can: behind a fragment.
    const { glued = 0, whole = 0 } = (await vm.truth()).counters['net_eth0.rx_bytes_count'] ?? {};
    expect(glued).toBeGreaterThan(0);
    expect([0, glued, glued + whole]).toContain(counted);
    expect(base.lost_lines_total + base.malformed_lines_total).toBeGreaterThan(0);
    await vm.order('add net_eth0.rx_bytes_count 777');
    const device = 'eth0.receive_bytes_total';
    await host.until(vm.pid, 'it has counted', (one) =>
      hasTotals(one.firecracker, { [device]: counted + 777 }),
    );
  });
});
