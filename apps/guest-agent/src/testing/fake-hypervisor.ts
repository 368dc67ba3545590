/** VMM processes in a fake /proc, as much of each as a test needs. */
import type { PidStat } from '@innkeeper/procfs';
import type { FakeFiles } from './fake-files.ts';
import { pidStatText } from './make-process.ts';

export interface FakeThread {
  readonly tid: number;
  readonly comm: string;
  readonly cpuSeconds?: number;
  readonly startTicks?: number;
}

export interface FakeVmm {
  readonly pid: number;
  readonly exe: string;
  readonly argv: readonly string[];
  readonly stat?: Partial<PidStat>;
  readonly threads?: readonly FakeThread[];
  readonly io?: string;
  readonly status?: string;
  readonly smapsRollup?: string;
  readonly cgroup?: string;
  /** Descriptor to target; of /dev/net/tun also the interface. */
  readonly taps?: readonly string[];
  readonly root?: string;
  readonly mountNamespace?: string;
  readonly networkNamespace?: string;
}

export const QEMU = '/usr/bin/qemu-system-x86_64';
export const FIRECRACKER = '/usr/bin/firecracker';

const AGENT = { mnt: 'mnt:[4026531841]', net: 'net:[4026531840]' };

export const setThreads = (files: FakeFiles, pid: number, threads: readonly FakeThread[]): void => {
  for (const { tid, ...stat } of threads) {
    files.set(`/proc/${pid}/task/${tid}/stat`, pidStatText({ pid: tid, ...stat }));
  }
};

export const setStat = (files: FakeFiles, pid: number, stat: Partial<PidStat>): void =>
  files.set(`/proc/${pid}/stat`, pidStatText({ pid, ...stat }));

const setFiles = (files: FakeFiles, vmm: FakeVmm): void => {
  const { pid, argv, exe } = vmm;
  const texts: Readonly<Record<string, string | undefined>> = {
    cmdline: argv.map((one) => `${one}\0`).join(''),
    io: vmm.io ?? 'read_bytes: 4096\nwrite_bytes: 8192\n',
    status: vmm.status ?? 'Name:\tvmm\nVmSwap:\t       8 kB\n',
    smaps_rollup: vmm.smapsRollup ?? '0-1 ---p 0 0 0 [rollup]\nPss:  2048 kB\n',
    cgroup: vmm.cgroup ?? '0::/user.slice/session-1.scope\n',
    'net/dev': vmm.networkNamespace === undefined ? undefined : '',
  };
  setStat(files, pid, { comm: exe.slice(exe.lastIndexOf('/') + 1).slice(0, 15), ...vmm.stat });
  for (const [name, text] of Object.entries(texts)) {
    if (text !== undefined) files.set(`/proc/${pid}/${name}`, text);
  }
};

export const addVmm = (files: FakeFiles, vmm: FakeVmm): void => {
  const { pid, exe, taps = [], root = '/' } = vmm;
  const link = (name: string, target: string): void => files.link(`/proc/${pid}/${name}`, target);
  files.link('/proc/self/ns/mnt', AGENT.mnt);
  files.link('/proc/self/ns/net', AGENT.net);
  setFiles(files, vmm);
  setThreads(files, pid, vmm.threads ?? [{ tid: pid, comm: 'main' }]);
  link('exe', exe);
  link('root', root);
  link('cwd', root);
  link('ns/mnt', vmm.mountNamespace ?? AGENT.mnt);
  link('ns/net', vmm.networkNamespace ?? AGENT.net);
  link('fd/0', '/dev/null');
  for (const [index, tap] of taps.entries()) {
    link(`fd/${index + 10}`, '/dev/net/tun');
    files.set(`/proc/${pid}/fdinfo/${index + 10}`, `pos:\t0\nflags:\t02\niff:\t${tap}\n`);
  }
};

/** As when the process ends: nothing of it is left. */
export const removeProcess = (files: FakeFiles, pid: number): void => {
  for (const path of files.pathsBelow(`/proc/${pid}`)) files.unplug(path);
};

const NET_HEADER =
  'Inter-|   Receive                                                |  Transmit\n' +
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';

/** Each interface has received and sent these bytes. */
export const netDevText = (
  devices: Readonly<Record<string, readonly [received: number, sent: number]>>,
): string =>
  NET_HEADER +
  Object.entries(devices)
    .map(([name, [rx, tx]]) => `${name}: ${rx} 1 2 3 0 0 0 0 ${tx} 4 5 6 0 0 0 0\n`)
    .join('');
