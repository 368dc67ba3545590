/**
 * One VM under watch: what of it does not change, and how each part is read. Every call reads the
 * process, the vCPU threads, I/O, control group and taps; what changes rarely (names of taps, place
 * of the control group, swap) is looked at again in turns.
 */
import type { MissingPart, VmmProcess } from '@innkeeper/protocol';
import type { Clock } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { hasEnded } from './find/examine.ts';
import type { KeptFiles } from './find/kept-files.ts';
import { TURNS } from './find/other-processes.ts';
import type { Vmm } from './find/vmm-table.ts';
import type { VmmIdentity } from './identify/vmm-identity.ts';
import { missing, missingFrom } from './missing-part.ts';
import { makeCautious } from './parts/cautious.ts';
import type { CgroupPlace, Cgroups } from './parts/cgroup.ts';
import { readIo } from './parts/io.ts';
import type { NetworkNamespaces } from './parts/network-namespaces.ts';
import { readNetwork } from './parts/network.ts';
import type { Proportional, ProportionalMemory } from './parts/proportional-memory.ts';
import { readSwapBytes } from './parts/swap.ts';
import { findTapNames, type TapNames } from './parts/tap-names.ts';
import { makeVcpuThreads } from './parts/vcpu-threads.ts';
import type { Additions, VmSources } from './sources/vm-sources.ts';

export interface WatchedVm {
  readonly vmm: Vmm;
  readonly identity: VmmIdentity;
  /** Opens the reader of Firecracker's metrics, which otherwise the first call does. */
  open(): void;
  /** What the manager says; taps, where it names any, in place of those that it named before. */
  add(additions: Additions, taps: readonly string[] | undefined): void;
  /** Asked first: it takes time. */
  readQmp(): Promise<VmmProcess['qmp']> | VmmProcess['qmp'];
  /** Everything but `qmp`. */
  read(round: number, vmId: string | null): Omit<VmmProcess, 'qmp'>;
  close(): void;
}

export interface WatchDependencies {
  readonly kernel: KernelFiles;
  readonly kept: KeptFiles;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly pageSizeBytes: number;
  readonly cgroups: Cgroups;
  readonly namespaces: NetworkNamespaces;
  readonly proportional: ProportionalMemory;
  /** When the machine started, in unix milliseconds. */
  readonly bootedAtMs: () => number | undefined;
}

/** For a machine that is asked so rarely that its turn would come in hours. */
const REFRESH_MS = 60_000;

const ENDED = missing('absent', 'the VMM has ended and waits for its parent (zombie)');

const stateOf = (letter: string): VmmProcess['state'] => {
  if (hasEnded(letter)) return 'zombie';
  return letter === 'T' || letter === 't' ? 'stopped' : 'running';
};

/** What is looked at in turns. */
interface Slow {
  readonly swapBytes: number | null;
  readonly taps: TapNames;
  readonly namespace: string | undefined;
  readonly cgroup: CgroupPlace | MissingPart;
  readonly atMs: number;
}

export const watchVm = (
  dependencies: WatchDependencies,
  vmm: Vmm,
  identity: VmmIdentity,
  sources: VmSources,
): WatchedVm => {
  const { kernel, kept, clock, pageSizeBytes, cgroups, namespaces, proportional } = dependencies;
  const { pid, startTicks, serial } = vmm;
  const threads = makeVcpuThreads(kernel, kept, clock, vmm);
  const ioFile = kept.proc(`${pid}/io`);
  const io = makeCautious(clock, () => readIo(ioFile));
  let namedTaps = identity.taps;
  let slow: Slow | undefined;

  const look = (): Slow => ({
    swapBytes: readSwapBytes(kernel, pid),
    taps: findTapNames(kernel, pid, namedTaps),
    namespace: namespaces.of(pid),
    cgroup: cgroups.locate(pid),
    atMs: clock.monotonicMs(),
  });

  const refreshed = (round: number): Slow => {
    const isTurn = (serial + round) % TURNS === 0;
    if (slow === undefined || isTurn || clock.monotonicMs() - slow.atMs > REFRESH_MS) {
      slow = look();
    }
    return slow;
  };

  const readMemory = (swapBytes: number | null): VmmProcess['memory'] => {
    const { pssBytes, pssAtMs, pssMissing }: Proportional = proportional.of(serial);
    return {
      ok: true,
      rss_bytes: vmm.stat.rssPages * pageSizeBytes,
      configured_bytes: identity.memoryBytes ?? null,
      swap_bytes: swapBytes,
      pss_bytes: pssBytes,
      pss_at: pssAtMs,
      pss_missing: pssMissing,
    };
  };

  const head = (vmId: string | null) => {
    const bootedAtMs = dependencies.bootedAtMs();
    const { stat } = vmm;
    return {
      kind: identity.kind,
      pid,
      start_ticks: startTicks,
      started_at:
        bootedAtMs === undefined
          ? null
          : Math.round(bootedAtMs + stat.startSecondsAfterBoot * 1000),
      uuid: identity.uuid ?? null,
      name: identity.name ?? null,
      id: identity.id ?? null,
      vm_id: vmId,
      state: stateOf(stat.state),
    };
  };

  const readProcess = (): VmmProcess['process'] => {
    if (vmm.problem !== undefined) return missingFrom(vmm.problem, 'permission to read /proc');
    return {
      ok: true,
      cpu_seconds_total: vmm.stat.cpuSeconds,
      threads: vmm.stat.threads,
    };
  };

  const close = (): void => {
    threads.close();
    ioFile.close();
    sources.close();
    proportional.forget(serial);
  };

  return {
    vmm,
    identity,
    open: () => {
      sources.open();
    },
    add: (additions, taps) => {
      sources.add(additions);
      if (taps === undefined) return;
      const named = [...new Set([...identity.taps, ...taps])];
      if (named.join(' ') === namedTaps.join(' ')) return;
      namedTaps = named;
      slow = undefined;
    },
    readQmp: () => (hasEnded(vmm.stat.state) ? ENDED : sources.qmp()),
    read: (round, vmId) => {
      const process = readProcess();
      if (hasEnded(vmm.stat.state)) {
        close();
        const rest = { vcpus: ENDED, memory: ENDED, io: ENDED, cgroup: ENDED, network: ENDED };
        return { ...head(vmId), process, ...rest, firecracker: sources.firecracker() };
      }
      const { swapBytes, taps, namespace, cgroup } = refreshed(round);
      return {
        ...head(vmId),
        process,
        vcpus: threads.read(vmm.stat),
        memory: process.ok ? readMemory(swapBytes) : process,
        io: io(),
        cgroup: cgroup.ok ? cgroups.read(cgroup) : cgroup,
        network: readNetwork(namespaces, pid, namespace, taps),
        firecracker: sources.firecracker(),
      };
    },
    close,
  };
};
