/** Many VMMs on one machine: half of them QEMU, half of them Firecracker, none of which works. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFirecracker } from '../../fakes/firecracker/stand-in.ts';
import { copyIdleVmm, startIdleVmm } from '../../fakes/idle-vmm/idle-vmm.ts';

export interface Programs {
  readonly idleVmm: string;
  readonly firecracker: string;
}

export interface Hypervisor {
  readonly folder: string;
  stop(): Promise<void>;
}

export interface HypervisorOptions {
  readonly programs: Programs;
  /** An empty one that is to be its own. */
  readonly folder: string;
  readonly vms: number;
  /** With metrics and QMP sockets that answer; without, there is nothing but processes. */
  readonly talks: boolean;
}

interface Stoppable {
  kill(): Promise<void>;
}

/** As libvirt writes it, some 3 KB. */
const qemuArgs = (index: number, qmpSocket: string): readonly string[] => {
  const number = String(index).padStart(3, '0');
  const settings: readonly (readonly string[])[] = [
    ['-name', `guest=vm-${number},debug-threads=on`, '-S'],
    ['-machine', 'pc-q35-7.2,accel=kvm,usb=off,dump-guest-core=off,memory-backend=pc.ram'],
    ['-cpu', `Cascadelake-Server,${'ss=on,vmx=on,pdcm=on,hypervisor=on,'.repeat(12)}pku=on`],
    ['-m', 'size=1048576k', '-overcommit', 'mem-lock=off', '-smp', '2,sockets=2,cores=1,threads=1'],
    ['-uuid', `6f0f1b52-0c39-4d6e-92c4-6b1f5a000${number}`],
    ['-no-user-config', '-nodefaults', '-qmp', `unix:${qmpSocket},server=on,wait=off`],
    ['-rtc', 'base=utc,driftfix=slew', '-no-shutdown', '-boot', 'strict=on'],
    ...Array.from({ length: 14 }, (_, port) => [
      '-device',
      `{"driver":"pcie-root-port","port":${port},"chassis":${port},"id":"pci.${port}","bus":"pcie.0"}`,
    ]),
    ['-blockdev', `{"driver":"file","filename":"/var/lib/vms/${number}.qcow2","node-name":"disk"}`],
    ['-device', 'virtio-blk-pci,bus=pci.4,drive=disk,id=virtio-disk0,bootindex=1'],
  ];
  return settings.flat();
};

const startResponder = async (sockets: readonly string[]): Promise<Stoppable> => {
  const program = fileURLToPath(new URL('qmp-responder.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...sockets], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
};

export const startHypervisor = async (options: HypervisorOptions): Promise<Hypervisor> => {
  const { programs, folder, vms, talks } = options;
  mkdirSync(folder, { recursive: true });
  const qemu = copyIdleVmm(programs.idleVmm, folder, 'qemu-system-x86_64');
  const firecracker = copyIdleVmm(programs.idleVmm, folder, 'firecracker');
  const running: Stoppable[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(async (one) => one.kill()));
  };
  try {
    const sockets: string[] = [];
    for (let index = 0; index < vms; index += 1) {
      if (index % 2 === 0) {
        const socket = join(folder, `${index}.qmp`);
        sockets.push(socket);
        running.push(await startIdleVmm({ path: qemu, args: qemuArgs(index, socket) }));
      } else if (talks) {
        const path = programs.firecracker;
        running.push(await startFirecracker({ path, folder, id: `fc-${index}`, vcpus: 2 }));
      } else {
        const socket = join(folder, `${index}.socket`);
        const args = ['--id', `fc-${index}`, '--api-sock', socket];
        running.push(await startIdleVmm({ path: firecracker, args }));
      }
    }
    if (talks) running.push(await startResponder(sockets));
    return { folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
