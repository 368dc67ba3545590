/** What is pasted into a shell to bring an agent into a VM, each made for this VM and this manager. */
import { plainWord } from '../format/shell-word.ts';

const CURL = 'curl -fsSL ';

/** The manager's own line, for guests without curl. */
export const withWget = (command: string): string | undefined =>
  command.startsWith(CURL) ? `wget -qO- ${command.slice(CURL.length)}` : undefined;

export const seedName = (vmId: string): string => `${vmId}-seed.iso`;

export const virtInstallLine = (vm: { readonly id: string; readonly name: string }): string =>
  [
    // Disks and CD-ROMs would be on SATA otherwise, which kernels for clouds do not know.
    `virt-install --name ${plainWord(vm.name)} --import --osinfo detect=on,require=off \\`,
    '  --memory 1024 --vcpus 1 --network network=default,model=virtio \\',
    '  --disk disk.qcow2,bus=virtio \\',
    `  --disk path=${seedName(vm.id)},bus=virtio,readonly=on \\`,
    '  --graphics none --noautoconsole',
  ].join('\n');

export const qemuLine = (vm: { readonly id: string; readonly name: string }): string =>
  [
    // A comma begins another option of -name, and two of them are one.
    `qemu-system-x86_64 -name ${plainWord(vm.name.replaceAll(',', ',,'))} -accel kvm -m 1024 \\`,
    '  -nographic -nic bridge,br=virbr0,model=virtio-net-pci \\',
    '  -drive file=disk.qcow2,if=virtio \\',
    `  -drive file=${seedName(vm.id)},format=raw,if=virtio,readonly=on`,
  ].join('\n');

export const deployLine = (managerUrl: string, vmId: string, target?: string): string => {
  const base = `scripts/deploy-guest-agent.sh ${vmId} --manager ${plainWord(managerUrl)}`;
  return target === undefined ? base : `${base} --ssh ${plainWord(target)}`;
};

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u;
const EXAMPLE = 'http://192.168.122.1:8080';

/** What to set where the manager does not know how guests reach it. */
export const publicUrlSetting = (origin: string): string => {
  const { hostname, protocol } = new URL(origin);
  if (LOOPBACK.test(hostname)) {
    return `INNKEEPER_PUBLIC_URL=${EXAMPLE}\nINNKEEPER_LISTEN=0.0.0.0:8080`;
  }
  // Agents do not speak TLS to the manager.
  return protocol === 'https:'
    ? `INNKEEPER_PUBLIC_URL=${origin}\nINNKEEPER_GUEST_URL=${EXAMPLE}`
    : `INNKEEPER_PUBLIC_URL=${origin}`;
};
