import { describe, expect, it } from 'vitest';
import { commAgrees, isReallyFirecracker, kindOfExecutable } from './vmm-executable.ts';

describe('kindOfExecutable', () => {
  it.each([
    ['/usr/bin/qemu-system-x86_64', 'qemu'],
    ['/usr/bin/qemu-system-x86_64 (deleted)', 'qemu'],
    ['/usr/bin/qemu-system-aarch64', 'qemu'],
    ['/usr/libexec/qemu-kvm', 'qemu'],
    ['/usr/bin/kvm', 'qemu'],
    ['/nix/store/abc-qemu-9/bin/.qemu-system-x86_64-wrapped', 'qemu'],
    ['qemu-system-i386', 'qemu'],
    ['/firecracker', 'firecracker'],
    ['/opt/firecracker-v1.7.0-x86_64', 'firecracker'],
    ['/usr/bin/cloud-hypervisor', 'cloud-hypervisor'],
    ['/usr/bin/cloud-hypervisor-static', 'cloud-hypervisor'],
  ])('knows %s', (path, kind) => {
    expect(kindOfExecutable(path)).toBe(kind);
  });

  it.each([
    '/usr/bin/vim',
    '/usr/bin/grep',
    '/usr/bin/qemu-img',
    '/usr/bin/qemu-storage-daemon',
    '/usr/bin/qemu-x86_64',
    '/usr/bin/qemu-ga',
    '/usr/bin/ch-remote',
    '/usr/bin/kvmtool',
    '/usr/bin/my-firecracker',
    '/firecracker/bash',
    '/usr/bin/qemu-system-',
    '',
    '/',
    ' (deleted)',
  ])('does not take %j for a VMM', (path) => {
    expect(kindOfExecutable(path)).toBeUndefined();
  });
});

it.each([
  ['/usr/bin/firecracker', ['firecracker'], true],
  ['/usr/bin/firecracker-v1.7.0', ['firecracker-v1.7.0', '--id', 'x'], true],
  ['/usr/bin/firecracker-v1.7.0', ['firecracker-v1.7.0', '--api-sock=/x'], true],
  ['/usr/bin/firecracker-containerd', ['firecracker-containerd', '--config', '/x'], false],
  ['/usr/bin/firecracker-ctr', ['firecracker-ctr', 'images', 'ls'], false],
])('takes %s %j for Firecracker: %s', (path, argv, expected) => {
  expect(isReallyFirecracker(path, argv)).toBe(expected);
});

describe('commAgrees', () => {
  it.each([
    ['the same name, cut by the kernel', ['/usr/bin/qemu-system-x86_64'], 'qemu-system-x86', true],
    ['a short name', ['firecracker'], 'firecracker', true],
    ['the name that QEMU was told', ['/usr/bin/kvm', '-name', 'x,process=web'], 'web', true],
    ['another program that calls itself so', ['firecracker'], 'python3', false],
    ['nothing', [], 'bash', false],
  ])('compares %s', (_, argv, comm, expected) => {
    expect(commAgrees(argv, comm)).toBe(expected);
  });
});
