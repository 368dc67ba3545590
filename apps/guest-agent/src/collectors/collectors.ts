/** All collectors, by the names that node_exporter gives them, in the order of the exposition. */
import { makeSpaceProbe } from '../filesystems/space-probe.ts';
import type { Platform } from '../platform/platform.ts';
import type { ProcessTable } from '../processes/process-table.ts';
import { makeDeviceFiles } from '../sources/device-files.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { makeArpCollector } from './arp.ts';
import { makeConntrackCollector } from './conntrack.ts';
import { makeDiskstatsCollector } from './diskstats.ts';
import { makeFilesystemCollector } from './filesystem.ts';
import { makeInterfaceStates } from './interface-state.ts';
import { makeLoadavgCollector } from './loadavg.ts';
import { makeMeminfoCollector } from './meminfo.ts';
import { makeNetclassCollector } from './netclass.ts';
import { makeNetdevCollector } from './netdev.ts';
import { makeNetstatCollector } from './netstat.ts';
import { makePressureCollector } from './pressure.ts';
import { makeProcessesCollector } from './processes.ts';
import { makeRunnable } from './run.ts';
import type { Runnable } from './run.ts';
import type { Collector } from './collector.ts';
import type { OnOutcome } from './outcome-log.ts';
import { makeEntropyCollector, makeFilefdCollector } from './small-files.ts';
import { makeSockstatCollector } from './sockstat.ts';
import { makeSoftnetCollector } from './softnet.ts';
import { makeStatCollectors } from './stat.ts';
import { makeOsCollector, makeUnameCollector } from './system-facts.ts';
import { makeTimeCollector } from './time.ts';
import { makeUdpQueuesCollector } from './udp-queues.ts';
import { makeVmstatCollector } from './vmstat.ts';

export const makeCollectors = (
  platform: Pick<Platform, 'files' | 'clock' | 'machine'>,
  kernel: KernelFiles,
  table: ProcessTable,
  onOutcome: OnOutcome,
) => {
  const { files, clock, machine } = platform;
  const { cpu, stat } = makeStatCollectors(kernel);
  const probe = makeSpaceProbe(files, clock);
  const interfaces = makeInterfaceStates(makeDeviceFiles(kernel, 'class/net'), clock);
  const netStatistics = makeDeviceFiles(kernel, 'class/net');
  const run = <Value>(collector: Collector<Value>): Runnable<Value> =>
    makeRunnable(collector, clock, onOutcome);
  return {
    arp: run(makeArpCollector(kernel)),
    conntrack: run(makeConntrackCollector(kernel)),
    cpu: run(cpu),
    diskstats: run(makeDiskstatsCollector(kernel, files, clock)),
    entropy: run(makeEntropyCollector(kernel)),
    filefd: run(makeFilefdCollector(kernel)),
    filesystem: run(makeFilesystemCollector(kernel, probe)),
    loadavg: run(makeLoadavgCollector(kernel)),
    meminfo: run(makeMeminfoCollector(kernel)),
    netclass: run(makeNetclassCollector(kernel, interfaces)),
    netdev: run(makeNetdevCollector(kernel, netStatistics)),
    netstat: run(makeNetstatCollector(kernel)),
    os: run(makeOsCollector(kernel)),
    pressure: run(makePressureCollector(kernel)),
    processes: run(makeProcessesCollector(kernel, table)),
    sockstat: run(makeSockstatCollector(kernel, machine.pageSizeBytes)),
    softnet: run(makeSoftnetCollector(kernel)),
    stat: run(stat),
    time: run(makeTimeCollector(kernel, files, clock)),
    udp_queues: run(makeUdpQueuesCollector(kernel)),
    uname: run(makeUnameCollector(kernel, machine.architecture)),
    vmstat: run(makeVmstatCollector(kernel)),
  };
};

export type Collectors = ReturnType<typeof makeCollectors>;
