/** Command lines are text of others: told as they are, bounded, and never taken for what they are not. */
import type { ProcessStats } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IdleVmm } from '../fakes/idle-vmm/idle-vmm.ts';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import { startHostAgent, vmOf, type HostAgent } from '../support/host-agent.ts';
import { useIdleVmm } from '../support/vmms-of-test.ts';

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

  const nameOf = (stats: ProcessStats, vmm: IdleVmm): string | null => vmOf(stats, vmm.pid).name;

  test.for([
    ['quotes and backslashes', String.raw`a"b\c'd`],
    ['line breaks and escapes', 'a\nb\r\u001B[31mred\u0007\tc'],
    ['markup and a shell', '<img src=x onerror=alert(1)>$(touch /tmp/x)`id`;rm -rf'],
    ['other scripts', 'ユニコード🏨é'],
  ])('%s in a name arrive as they are', async ([, name = ''], context) => {
    const args = ['-name', `guest=${name.replaceAll(',', ',,')},debug-threads=on`, '-m', '64'];
    const vmm = await useIdleVmm(context, 'qemu-system-x86_64', { args });
    expect(nameOf(await ready().stats(), vmm)).toBe(name);
  });

  test('a command line of 200 KB is cut, and says what it says before', async (context) => {
    const args = [
      '-name',
      'guest=long',
      '-m',
      '64',
      '-append',
      'x'.repeat(100_000),
      '-fw_cfg',
      'y'.repeat(100_000),
    ];
    const vmm = await useIdleVmm(context, 'qemu-system-x86_64', { args });
    const { ms, stats } = await ready().timed();
    expect(nameOf(stats, vmm)).toBe('long');
    expect(JSON.stringify(stats)).not.toContain('x'.repeat(1_000));
    expect(ms).toBeLessThan(5_000);
  });

  test('a name of 100 KB is bounded', async (context) => {
    const vmm = await useIdleVmm(context, 'firecracker', { args: ['--id', 'z'.repeat(100_000)] });
    expect((vmOf(await ready().stats(), vmm.pid).id ?? '').length).toBeLessThanOrEqual(256);
  });

  test('a VMM whose file was replaced by an upgrade is still one', async (context) => {
    const vmm = await useIdleVmm(context, 'cloud-hypervisor', { args: ['--cpus', 'boot=2'] });
    expect(vmOf(await ready().stats(), vmm.pid).kind).toBe('cloud-hypervisor');
  });

  test.for([
    ['an editor of a file of that name', 'vim', ['firecracker'], 'vim'],
    ['a search for it', 'grep', ['-r', 'qemu-system-x86_64', '/'], 'grep'],
    ['a program that calls itself so', 'backup', ['--id', 'fake'], 'firecracker'],
    ['a tool of QEMU', 'qemu-img', ['convert', 'a', 'b'], 'qemu-img'],
    ['a tool of Firecracker', 'firecracker-ctr', ['images', 'ls'], 'firecracker-ctr'],
  ] as const)('%s is no VMM', async ([, executable, args, argv0], context) => {
    const decoy = await useIdleVmm(context, executable, { args, argv0 });
    const stats = await ready().stats();
    expect(stats.vms.map(({ pid }) => pid)).not.toContain(decoy.pid);
  });
});
