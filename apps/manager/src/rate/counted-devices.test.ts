import { describe, expect, it } from 'vitest';
import { countsAsDisk, countsAsNetwork } from './counted-devices.ts';

describe('interfaces that count in the sum', () => {
  it.each(
    [
      ['eth0', 'eth12', 'ens3', 'enp0s31f6', 'enx001122334455', 'eno1', 'wlan0', 'venet0', 'ib0'],
      ['bnxt0', 'brcm0', 'lan1', 'net0', 'vmnic0', 'usb0', 'ppp0', 'wwan0'],
    ].flat(),
  )('%s does', (device) => {
    expect(countsAsNetwork(device)).toBe(true);
  });

  it.each(
    [
      ['lo', 'docker0', 'br0', 'br-1f2e3d4c5b6a', 'virbr0', 'virbr0-nic', 'lxcbr0', 'cni0'],
      ['veth1a2b3c', 'vnet7', 'tap0', 'tun0', 'wg0', 'tailscale0', 'bond0', 'team0', 'dummy0'],
      ['eth0.100', 'eth0:1', 'eth0@if5', 'vlan20', 'vxlan.calico', 'flannel.1', 'cali0123', 'sit0'],
      ['ip6tnl0', 'gre0', 'macvtap0', 'ifb0', 'kube-ipvs0', 'cilium_host', 'ens3nsby', 'vmbr0'],
    ].flat(),
  )('%s does not', (device) => {
    expect(countsAsNetwork(device)).toBe(false);
  });
});

describe('disks that count in the sum', () => {
  it.each(
    [
      ['sda', 'sdaa', 'vda', 'xvda', 'hda', 'nvme0n1', 'nvme10n2', 'mmcblk0', 'pmem0', 'nbd0'],
      ['rbd0', 'dasda', 'sr0', 'ubda', 'cciss/c0d0'],
    ].flat(),
  )('%s does', (device) => {
    expect(countsAsDisk(device)).toBe(true);
  });

  it.each(
    [
      ['sda1', 'vda15', 'xvda1', 'nvme0n1p1', 'mmcblk0p2', 'mmcblk0boot0', 'nbd0p1', 'dasda1'],
      ['dm-0', 'md0', 'md127', 'md_d0', 'loop0', 'zram0', 'ram0', 'fd0', 'bcache0', 'drbd1'],
      ['nvme0c1n1', 'zd16', 'cciss/c0d0p1', 'rbd0p1', 'md0p1'],
    ].flat(),
  )('%s does not', (device) => {
    expect(countsAsDisk(device)).toBe(false);
  });
});

it('names of any length and content are told apart at once', () => {
  const hostile = `${'a'.repeat(255)}!`;
  expect([countsAsNetwork(hostile), countsAsDisk(hostile)]).toEqual([true, true]);
});
