import { describe, expect, it } from 'vitest';
import { makeKernelFiles } from '../../sources/kernel-files.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { addVmm, netDevText, QEMU, type FakeVmm } from '../../testing/fake-hypervisor.ts';
import { makeNetworkNamespaces } from './network-namespaces.ts';
import { readNetwork } from './network.ts';
import { findTapNames } from './tap-names.ts';

const make = (vmms: readonly Partial<FakeVmm>[]) => {
  const files = makeFakeFiles();
  for (const [index, vmm] of vmms.entries()) {
    addVmm(files, { pid: 100 + index, exe: QEMU, argv: [QEMU], ...vmm });
  }
  const kernel = makeKernelFiles(files, { procRoot: '/proc', sysRoot: '/sys' });
  const namespaces = makeNetworkNamespaces(kernel);
  const read = (pid: number, named: readonly string[] = []) =>
    readNetwork(namespaces, pid, namespaces.of(pid), findTapNames(kernel, pid, named));
  return { files, namespaces, read };
};

describe("a VM's network", () => {
  it("is its tap turned to the guest's side", () => {
    const { files, read } = make([{}]);
    files.set('/proc/net/dev', netDevText({ lo: [1, 1], tap0: [1000, 2000] }));
    expect(read(100, ['tap0'])).toEqual({
      ok: true,
      taps: [
        {
          tap: 'tap0',
          receive_bytes_total: 2000,
          receive_packets_total: 4,
          receive_errs_total: 5,
          receive_drop_total: 6,
          transmit_bytes_total: 1000,
          transmit_packets_total: 1,
          transmit_errs_total: 2,
          transmit_drop_total: 3,
        },
      ],
    });
  });

  it('has the taps that are named and those that are open, each once', () => {
    const { files, read } = make([{ taps: ['tap1', 'tap0', 'tap1', ''] }]);
    files.set('/proc/net/dev', netDevText({ tap0: [1, 1], tap1: [2, 2], tap2: [3, 3] }));
    const part = read(100, ['tap0', 'unplugged']);
    expect(part.ok && part.taps.map(({ tap }) => tap)).toEqual(['tap0', 'tap1']);
  });

  it('is read once for all VMs of a namespace', () => {
    const { files, namespaces, read } = make([{ taps: ['tap0'] }, { taps: ['tap1'] }]);
    files.set('/proc/net/dev', netDevText({ tap0: [1, 1], tap1: [2, 2] }));
    read(100);
    read(101);
    expect(files.readCount('/proc/net/dev')).toBe(1);
    namespaces.startCall();
    read(100);
    expect(files.readCount('/proc/net/dev')).toBe(2);
  });

  it("is that of the VMM's own namespace, where others have a tap of the same name", () => {
    const { files, read } = make([
      { taps: ['tap0'] },
      { taps: ['tap0'], networkNamespace: 'net:[2]' },
      { taps: ['tap0'], networkNamespace: 'net:[3]' },
    ]);
    files.set('/proc/net/dev', netDevText({ tap0: [1, 1] }));
    files.set('/proc/101/net/dev', netDevText({ lo: [0, 0], tap0: [2, 2] }));
    files.set('/proc/102/net/dev', netDevText({ lo: [0, 0], tap0: [3, 3] }));
    for (const [index, bytes] of [1, 2, 3].entries()) {
      expect(read(100 + index)).toMatchObject({ taps: [{ receive_bytes_total: bytes }] });
    }
  });

  it.each([
    ['the same', { eth0: [5, 5], tap0: [1, 1] }, 1],
    ['another', { lo: [0, 0], tap0: [2, 2] }, 2],
  ] as const)('finds out without privileges that a namespace is %s', (_, devices, bytes) => {
    const { files, read } = make([{ taps: ['tap0'] }]);
    files.fail('/proc/100/ns/net', 'EACCES');
    files.set('/proc/net/dev', netDevText({ eth0: [9, 9], tap0: [1, 1] }));
    files.set('/proc/100/net/dev', netDevText(devices));
    expect(read(100)).toMatchObject({ taps: [{ receive_bytes_total: bytes }] });
  });

  it('is absent where there is no tap, or none in the namespace', () => {
    const { files, read } = make([{}]);
    files.set('/proc/net/dev', netDevText({ eth0: [1, 1] }));
    expect(read(100)).toMatchObject({ reason: 'absent', message: 'the VMM has no tap' });
    expect(read(100, ['tap0'])).toMatchObject({
      reason: 'absent',
      message: 'tap0 is not in the network namespace of the VMM',
    });
  });

  it('names what would help where the descriptors may not be seen', () => {
    const { files, read } = make([{ taps: ['tap0'] }]);
    files.set('/proc/net/dev', netDevText({ tap0: [1, 1] }));
    files.fail('/proc/100/fd', 'EACCES');
    const part = read(100);
    expect(part).toMatchObject({ reason: 'forbidden' });
    expect(JSON.stringify(part)).toContain('CAP_SYS_PTRACE');
    expect(read(100, ['tap0'])).toMatchObject({ ok: true });
  });

  it('says why where the counters cannot be read', () => {
    const { files, namespaces, read } = make([{ taps: ['tap0'] }]);
    files.set('/proc/net/dev', 'garbage\n');
    expect(read(100)).toMatchObject({ ok: false, reason: 'malformed' });
    namespaces.startCall();
    files.fail('/proc/net/dev', 'EACCES');
    expect(read(100)).toMatchObject({ ok: false, reason: 'forbidden' });
  });
});
