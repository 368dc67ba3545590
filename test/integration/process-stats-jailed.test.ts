/** VMs in roots, mount namespaces and networks of their own, as Firecracker's jailer puts them there. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { TestContext } from 'vitest';
import { obtainJailer } from '../fakes/firecracker/stand-in.ts';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import { hasTotals, truthTotals } from '../support/firecracker-totals.ts';
import { startHostAgent, valuesOf, vmOf, type HostAgent } from '../support/host-agent.ts';
import { makeNetworkNamespace } from '../support/network-namespace.ts';
import { orSkip } from '../support/obtained.ts';
import { useFirecracker } from '../support/vmms-of-test.ts';

describe.each(AGENT_BUILDS)('$name', (build) => {
  let shared: HostAgent | undefined;
  beforeAll(async () => {
    shared = await startHostAgent({ build });
  });
  afterAll(async () => shared?.close());
  const ready = (): HostAgent => {
    if (shared === undefined) throw new Error('the agent did not start');
    return shared;
  };

  const jailerOf = async (context: TestContext): Promise<string> => {
    if (process.getuid?.() !== 0) return context.skip('only root can make a jail');
    return orSkip(context, 'the jailer', await obtainJailer()).path;
  };

  test('metrics of a jailed Firecracker are read through its root', async (context) => {
    const host = ready();
    const jailer = await jailerOf(context);
    const vm = await useFirecracker(context, { folder: host.folder, id: 'jailed', jailer });
    await host.until(vm.pid, 'its metrics are read', (one) => one.firecracker.ok);
    await vm.order('add net_eth0.rx_bytes_count 321');
    const wanted = truthTotals(await vm.truth());
    const found = await host.until(vm.pid, 'it has counted', (one) =>
      hasTotals(one.firecracker, wanted),
    );
    expect(found).toMatchObject({ kind: 'firecracker', id: 'jailed', state: 'running' });
    expect(valuesOf(found.vcpus).count).toBe(1);
    expect(valuesOf(found.memory).configured_bytes).toBe(128 * 1024 * 1024);
    // Its command line says /api.socket; the manager knows where that is.
    const locator = { vm_id: 'jailed-vm', api_socket: vm.apiSocket };
    expect(vmOf(await host.stats({ vms: [locator] }), vm.pid).vm_id).toBe('jailed-vm');
  });

  test('two jails with a tap of the same name are told apart', async (context) => {
    const host = ready();
    const jailer = await jailerOf(context);
    const vms = [];
    for (const [id, frames] of [
      ['one', 3],
      ['two', 7],
    ] as const) {
      const network = await makeNetworkNamespace();
      if (!network.ok) return context.skip(network.reason);
      const { namespace } = network;
      onTestFinished(async () => namespace.close());
      namespace.addTap('tap0');
      const { folder } = host;
      const { launcher } = namespace;
      const interfaces = { eth0: 'tap0' };
      const vm = await useFirecracker(context, { folder, id, jailer, launcher, interfaces });
      await vm.order(`send eth0 ${frames} 100`);
      vms.push({ vm, frames });
    }
    const stats = await host.stats();
    for (const { vm, frames } of vms) {
      expect(valuesOf(vmOf(stats, vm.pid).network).taps).toMatchObject([
        { tap: 'tap0', transmit_packets_total: frames, transmit_bytes_total: frames * 100 },
      ]);
    }
    return undefined;
  });
});
