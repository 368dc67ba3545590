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
) => {
  const { files, clock, machine } = platform;
  const { cpu, stat } = makeStatCollectors(kernel);
  const probe = makeSpaceProbe(files, clock);
  const interfaces = makeInterfaceStates(makeDeviceFiles(kernel, 'class/net'), clock);
  const netStatistics = makeDeviceFiles(kernel, 'class/net');
  return {
    arp: makeRunnable(makeArpCollector(kernel), clock),
    conntrack: makeRunnable(makeConntrackCollector(kernel), clock),
    cpu: makeRunnable(cpu, clock),
    diskstats: makeRunnable(makeDiskstatsCollector(kernel, files), clock),
    entropy: makeRunnable(makeEntropyCollector(kernel), clock),
    filefd: makeRunnable(makeFilefdCollector(kernel), clock),
    filesystem: makeRunnable(makeFilesystemCollector(kernel, probe), clock),
    loadavg: makeRunnable(makeLoadavgCollector(kernel), clock),
    meminfo: makeRunnable(makeMeminfoCollector(kernel), clock),
    netclass: makeRunnable(makeNetclassCollector(kernel, interfaces), clock),
    netdev: makeRunnable(makeNetdevCollector(kernel, netStatistics), clock),
    netstat: makeRunnable(makeNetstatCollector(kernel), clock),
    os: makeRunnable(makeOsCollector(kernel), clock),
    pressure: makeRunnable(makePressureCollector(kernel), clock),
    processes: makeRunnable(makeProcessesCollector(kernel, table), clock),
    sockstat: makeRunnable(makeSockstatCollector(kernel, machine.pageSizeBytes), clock),
    softnet: makeRunnable(makeSoftnetCollector(kernel), clock),
    stat: makeRunnable(stat, clock),
    time: makeRunnable(makeTimeCollector(kernel, files, clock), clock),
    udp_queues: makeRunnable(makeUdpQueuesCollector(kernel), clock),
    uname: makeRunnable(makeUnameCollector(kernel, machine.architecture), clock),
    vmstat: makeRunnable(makeVmstatCollector(kernel), clock),
  };
};

export type Collectors = ReturnType<typeof makeCollectors>;
