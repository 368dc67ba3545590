/** Which hypervisor runs this machine, as its firmware, its clock and its CPU name it. */
import type { Info } from '@innkeeper/protocol';
import type { KernelFiles } from '../sources/kernel-files.ts';

type Kind = Info['virtualization']['kind'];

const VENDORS: readonly (readonly [pattern: RegExp, kind: Kind])[] = [
  [/firecracker/iu, 'firecracker'],
  [/vmware/iu, 'vmware'],
  [/microsoft corporation.*virtual machine/iu, 'hyperv'],
  [/\bxen\b/iu, 'xen'],
  [/\bkvm\b|amazon ec2|google compute engine|openstack|digitalocean/iu, 'kvm'],
  [/\bqemu\b/iu, 'qemu'],
];

const MAX_LINE_CHARACTERS = 200;

const line = (kernel: KernelFiles, path: string): string | undefined => {
  const text = kernel.readSys(path, { whole: true });
  return text.ok && text.value.trim() !== ''
    ? text.value.trim().slice(0, MAX_LINE_CHARACTERS)
    : undefined;
};

/** Firecracker has no DMI tables before 1.7; its kvm-clock and the CPU's hypervisor bit remain. */
const guessWithoutFirmware = (kernel: KernelFiles): Kind => {
  if (line(kernel, 'hypervisor/type') === 'xen') return 'xen';
  const clocks = line(kernel, 'devices/system/clocksource/clocksource0/available_clocksource');
  if (clocks?.split(' ').includes('kvm-clock') === true) return 'kvm';
  const cpuinfo = kernel.readProc('cpuinfo');
  return cpuinfo.ok && /^flags\s*:.*\bhypervisor\b/mu.test(cpuinfo.value) ? 'other' : null;
};

export const readVirtualization = (kernel: KernelFiles): Info['virtualization'] => {
  const vendor = line(kernel, 'class/dmi/id/sys_vendor');
  const product = line(kernel, 'class/dmi/id/product_name');
  const firmware = `${vendor ?? ''} ${product ?? ''}`;
  const named = VENDORS.find(([pattern]) => pattern.test(firmware))?.[1];
  // QEMU's own firmware says QEMU with and without KVM; the clock tells them apart.
  const kind =
    named === undefined || named === 'qemu' ? (guessWithoutFirmware(kernel) ?? named) : named;
  return { kind: kind ?? null, product: product ?? null, vendor: vendor ?? null };
};
