/**
 * The role `host`: every VMM of this hypervisor as the host sees it. Wires the parts of this folder
 * together, as agent.ts does for the whole agent.
 */
import type { Locator, ProcessStats, VmmProcess } from '@innkeeper/protocol';
import type { Settings } from '../config/settings.ts';
import type { Cancel, Outcome, Platform } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { keptFilesLimit, makeKeptFiles } from './find/kept-files.ts';
import { makeVmmTable, type Vmm } from './find/vmm-table.ts';
import { makeFirecrackerMetrics } from './firecracker/firecracker-metrics.ts';
import { makeLocatorMatch } from './locators.ts';
import { makeMachineFacts } from './machine-facts.ts';
import { missing } from './missing-part.ts';
import { makeCgroups } from './parts/cgroup.ts';
import { makeNetworkNamespaces } from './parts/network-namespaces.ts';
import { makeProportionalMemory } from './parts/proportional-memory.ts';
import { makeHostPaths } from './paths/host-paths.ts';
import { onlyUnmoved } from './paths/unmoved.ts';
import { makeVmmPaths } from './paths/vmm-paths.ts';
import { makeQmpSource } from './qmp/qmp-source.ts';
import { completeFromConfigFile } from './read-config-file.ts';
import { makeReaderRegistry } from './sources/reader-registry.ts';
import { makeVmSources, type SourceDependencies } from './sources/vm-sources.ts';
import { watchVm, type WatchedVm } from './watched-vm.ts';
import { withinDeadline } from './within-deadline.ts';

export interface Host {
  processStats(locators: readonly Locator[], pss: boolean): Promise<Outcome<ProcessStats>>;
  stop(): void;
}

export interface HostDependencies {
  readonly platform: Pick<Platform, 'files' | 'network' | 'clock' | 'text' | 'machine'>;
  readonly kernel: KernelFiles;
  readonly settings: Pick<Settings, 'hostPaths'>;
  readonly bootId: string | undefined;
  readonly hostCpuUsagePercent: () => number | undefined;
  /** Tests bring their own readers. */
  readonly readers?: Pick<SourceDependencies, 'openFirecracker' | 'openQmp'>;
}

/**
 * Between two calls somebody must still see which VMMs are new, whose FIFO would fill up, and which
 * are gone, whose readers would go on for ever.
 */
const SWEEP_MS = 30_000;
/** A reader of QMP has a shorter deadline of its own; this one is for what it overlooks. */
const QMP_DEADLINE_MS = 3_000;

const QMP_LATE = missing('timeout', `no answer within ${QMP_DEADLINE_MS} ms`);
const qmpBroken = (error: unknown) =>
  missing('unreachable', `the reader failed: ${error instanceof Error ? error.message : 'bug'}`);

const readersOn = (
  platform: HostDependencies['platform'],
): Pick<SourceDependencies, 'openFirecracker' | 'openQmp'> => {
  const checked = { ...platform, ...onlyUnmoved(platform.files, platform.network) };
  return {
    openFirecracker: (metricsPath, locateApi) =>
      makeFirecrackerMetrics(checked, { metricsPath, locateApi }),
    openQmp: (path) => makeQmpSource(checked, { path }),
  };
};

export const makeHost = (dependencies: HostDependencies): Host => {
  const { platform, kernel, settings, bootId } = dependencies;
  const { files, clock, machine } = platform;
  const hostPaths = makeHostPaths(files, settings.hostPaths);
  const vmmPaths = makeVmmPaths(kernel);
  const kept = makeKeptFiles(kernel, keptFilesLimit(kernel));
  const table = makeVmmTable(kernel, kept, clock);
  const facts = makeMachineFacts(kernel, clock);
  const namespaces = makeNetworkNamespaces(kernel);
  const proportional = makeProportionalMemory(kernel, clock);
  const watch = {
    kernel,
    kept,
    clock,
    pageSizeBytes: machine.pageSizeBytes,
    cgroups: makeCgroups(kernel),
    namespaces,
    proportional,
    bootedAtMs: () => facts().bootedAtMs,
  };
  const sources: SourceDependencies = {
    clock,
    registry: makeReaderRegistry(),
    hostPaths,
    vmmPaths,
    ...(dependencies.readers ?? readersOn(platform)),
  };
  const match = makeLocatorMatch({ files, hostPaths, vmmPaths });
  const watched = new Map<Vmm, WatchedVm>();
  let cancelSweep: Cancel = () => undefined;
  let stopped = false;

  const watchedOf = (vmm: Vmm): WatchedVm => {
    const known = watched.get(vmm);
    if (known !== undefined) return known;
    const identity = completeFromConfigFile(vmm.identity, vmm.pid, { files, hostPaths, vmmPaths });
    const vm = watchVm(watch, vmm, identity, makeVmSources(sources, vmm, identity));
    watched.set(vmm, vm);
    return vm;
  };

  /** Who is gone lets go first: a VMM that was restarted has the same FIFO and sockets. */
  const scan = (): Outcome<{ readonly round: number; readonly vms: readonly WatchedVm[] }> => {
    const outcome = table.scan();
    if (!outcome.ok) return outcome;
    const { round, vmms, gone } = outcome.value;
    gone.forEach((vmm) => {
      watched.get(vmm)?.close();
      watched.delete(vmm);
    });
    return { ok: true, value: { round, vms: vmms.map(watchedOf) } };
  };

  const sweep = (): void => {
    if (stopped) return;
    const outcome = scan();
    if (outcome.ok) outcome.value.vms.forEach((vm) => vm.open());
    cancelSweep = clock.after(SWEEP_MS, sweep);
  };
  cancelSweep = clock.after(0, sweep);

  const readQmp = (vm: WatchedVm): Promise<VmmProcess['qmp']> | VmmProcess['qmp'] => {
    const read = vm.readQmp();
    return read instanceof Promise ? read.catch(qmpBroken) : read;
  };

  return {
    processStats: async (locators, pss) => {
      const takenAt = clock.nowMs();
      const outcome = scan();
      if (!outcome.ok) return outcome;
      const { round, vms } = outcome.value;
      const { vmIds, unmatched } = match(vms, locators);
      const alive = vms.map(({ vmm }) => vmm);
      proportional.refresh(alive, pss);
      namespaces.startCall();
      watch.cgroups.startCall();
      const asked = vms.map(readQmp);
      const read = vms.map((vm) => vm.read(round, vmIds.get(vm) ?? null));
      const qmp = await withinDeadline(clock, QMP_DEADLINE_MS, asked, QMP_LATE);
      const { cpuCount, memoryTotalBytes } = facts();
      const value: ProcessStats = {
        boot_id: bootId ?? null,
        taken_at: takenAt,
        cpu_count: cpuCount ?? null,
        memory_total_bytes: memoryTotalBytes ?? null,
        host_cpu_usage_percent: dependencies.hostCpuUsagePercent() ?? null,
        vms: read.map((one, index) => Object.assign(one, { qmp: qmp[index] ?? QMP_LATE })),
        unmatched: [...unmatched],
      };
      return { ok: true, value };
    },
    stop: () => {
      stopped = true;
      cancelSweep();
      watched.forEach((vm) => vm.close());
      watched.clear();
      table.close();
      namespaces.close();
    },
  };
};
