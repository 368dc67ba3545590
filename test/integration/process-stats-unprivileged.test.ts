/** An agent that is nobody, on a hypervisor whose VMMs are root's: what it sees, and what it says. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import {
  obtainFirecracker,
  startFirecracker,
  type Firecracker,
} from '../fakes/firecracker/stand-in.ts';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import {
  startHostAgent,
  timeCalls,
  valuesOf,
  vmOf,
  type HostAgent,
} from '../support/host-agent.ts';
import { orSkip } from '../support/obtained.ts';
import { obtainQemu, startQemu, type Qemu } from '../support/qemu.ts';

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];

const qemu = await obtainQemu();
const firecracker = await obtainFirecracker();

const whyNot = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'only root can become another user';
  const args = [...NOBODY, process.execPath, '--version'];
  const { status, error, stderr } = spawnSync('setpriv', args, { encoding: 'utf8' });
  return status === 0 ? undefined : `cannot run Node as nobody: ${error?.message ?? stderr}`;
};

interface Machine {
  readonly host: HostAgent;
  readonly vm: Qemu;
  readonly micro: Firecracker;
}

describe.each(AGENT_BUILDS)('$name', (build) => {
  const releasers: (() => Promise<void>)[] = [];
  let machine: Machine | undefined;
  const skipped = whyNot();

  beforeAll(async () => {
    if (skipped !== undefined || !qemu.ok || !firecracker.ok) return;
    const host = await startHostAgent({ build, launcher: ['setpriv', ...NOBODY] });
    releasers.push(async () => host.close());
    const { folder } = host;
    const uuid = '6f0f1b52-0c39-4d6e-92c4-6b1f5a0e9d04';
    const vm = await startQemu({ path: qemu.path, folder, name: 'theirs', uuid, pace: 'paced' });
    releasers.push(async () => vm.kill());
    const micro = await startFirecracker({ path: firecracker.path, folder, id: 'theirs' });
    releasers.push(async () => micro.kill());
    machine = { host, vm, micro };
  });
  afterAll(async () => {
    for (const release of releasers.reverse()) await release();
  });

  const ready = (context: TestContext): Machine => {
    if (skipped !== undefined) return context.skip(skipped);
    orSkip(context, 'QEMU', qemu);
    orSkip(context, 'the stand-in for Firecracker', firecracker);
    if (machine === undefined) throw new Error('the machine did not start');
    return machine;
  };

  test('lists them, with what everybody may see', async (context) => {
    const { host, vm, micro } = ready(context);
    const stats = await host.stats();
    const theirs = vmOf(stats, vm.pid);
    expect(theirs).toMatchObject({ kind: 'qemu', name: vm.name, uuid: vm.uuid, state: 'running' });
    expect(vmOf(stats, micro.pid)).toMatchObject({ kind: 'firecracker', id: micro.id });
    expect(valuesOf(theirs.process).threads).toBeGreaterThan(2);
    expect(valuesOf(theirs.vcpus).count).toBe(2);
    expect(valuesOf(theirs.memory)).toMatchObject({ configured_bytes: 64 * 1024 * 1024 });
    expect(valuesOf(theirs.memory).rss_bytes).toBeGreaterThan(1024 * 1024);
  });

  test('says of each thing that it may not see what would allow it', async (context) => {
    const { host, vm, micro } = ready(context);
    const stats = await host.stats({ vms: [], pss: true });
    const theirs = vmOf(stats, vm.pid);
    const { firecracker: metrics } = vmOf(stats, micro.pid);
    for (const [part, allows] of [
      [theirs.io, 'CAP_SYS_PTRACE'],
      [theirs.qmp, 'CAP_'],
      [metrics, 'CAP_'],
    ] as const) {
      expect(part, JSON.stringify(part)).toMatchObject({ ok: false, reason: 'forbidden' });
      expect(part.ok || part.message).toContain(allows);
    }
    expect(valuesOf(theirs.memory).pss_bytes).toBeNull();
  });

  test('is as fast', async (context) => {
    const { host } = ready(context);
    await host.stats();
    // The fastest: the others may be the machine's doing. One deadline of the agent has 300 ms.
    expect((await timeCalls(host, 8))[0]).toBeLessThan(300);
  });
});
