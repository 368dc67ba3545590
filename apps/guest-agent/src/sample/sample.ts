/** The JSON `Sample`: the same values as the metrics, for the manager. */
import { memoryView, parseUptime, type Meminfo } from '@innkeeper/procfs';
import type { Sample } from '@innkeeper/protocol';
import { readParsed, valueOf } from '../sources/collected.ts';
import type { Collectors } from '../collectors/collectors.ts';
import type { CpuUsage } from '../collectors/cpu-usage.ts';
import type { Ran } from '../collectors/run.ts';
import type { Identity } from '../identity.ts';
import type { Clock } from '../platform/platform.ts';
import type { ProcessFacts } from '../processes/process-facts.ts';
import { makeTopOfSnapshot } from '../processes/top-of-snapshot.ts';
import type { Source } from '../sources/source.ts';
import { sampleCpu, sampleMemory, sampleSwap } from './cpu-and-memory.ts';
import { percent } from '../percent.ts';
import { sampleDisks, sampleFilesystems, sampleNetworks, samplePressure } from './devices.ts';

export interface SampleDependencies {
  readonly identity: Identity;
  readonly collectors: Collectors;
  readonly cpuUsage: Pick<CpuUsage, 'percent'>;
  readonly uptime: Source;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly processFacts: ProcessFacts;
}

const TOP_COUNT = 10;
const NO_PROCESSES: Sample['processes']['top'] = [];
const MAX_ERROR_CHARACTERS = 500;
const KILOBYTE = 1024;

const status = ({
  name,
  seconds,
  outcome,
}: Ran<unknown>): [string, Sample['collectors'][string]] => [
  name,
  outcome.ok
    ? { ok: true, seconds }
    : { ok: false, seconds, error: outcome.error.slice(0, MAX_ERROR_CHARACTERS) },
];

/** The fields of the earliest agents, in their units. */
const memoryInKilobytes = (meminfo: Meminfo | undefined) => {
  if (meminfo === undefined) {
    return {
      memory_usage_percent: null,
      memory_used_kb: null,
      memory_total_kb: null,
      memory_available_kb: null,
    };
  }
  const { totalBytes, availableBytes, usedBytes } = memoryView(meminfo);
  return {
    memory_usage_percent: totalBytes === 0 ? null : percent((usedBytes / totalBytes) * 100),
    memory_used_kb: usedBytes / KILOBYTE,
    memory_total_kb: totalBytes / KILOBYTE,
    memory_available_kb: availableBytes / KILOBYTE,
  };
};

export const makeSampler = (dependencies: SampleDependencies): (() => Promise<Sample>) => {
  const { identity, collectors, cpuUsage, uptime, clock, processFacts } = dependencies;
  const topOf = makeTopOfSnapshot(processFacts, TOP_COUNT);

  const sampleProcesses = (
    ran: Awaited<ReturnType<Collectors['processes']['run']>>,
    stat: Awaited<ReturnType<Collectors['cpu']['run']>>,
    memory: Meminfo | undefined,
  ): Sample['processes'] => {
    const counts = valueOf(ran.outcome);
    const system = valueOf(stat.outcome);
    const totals = {
      memoryTotalBytes: memory?.memTotalBytes,
      bootTimeSeconds: system?.bootTimeSeconds,
    };
    return {
      total: counts?.snapshot.processes.length ?? null,
      running: system?.procsRunning ?? null,
      blocked: system?.procsBlocked ?? null,
      scanned_at: counts?.snapshot.takenAtMs ?? null,
      top: counts === undefined ? NO_PROCESSES : topOf(counts.snapshot, totals),
    };
  };

  return async () => {
    const takenAt = clock.nowMs();
    const cpuPercent = cpuUsage.percent();
    const uptimeSeconds = valueOf(readParsed(uptime, parseUptime))?.uptimeSeconds;
    const cpu = await collectors.cpu.run();
    const meminfo = await collectors.meminfo.run();
    const loadavg = await collectors.loadavg.run();
    const pressure = await collectors.pressure.run();
    const diskstats = await collectors.diskstats.run();
    const netdev = await collectors.netdev.run();
    const netclass = await collectors.netclass.run();
    const processes = await collectors.processes.run();
    const filesystem = await collectors.filesystem.run();
    const all = [
      cpu,
      meminfo,
      loadavg,
      pressure,
      diskstats,
      netdev,
      netclass,
      processes,
      filesystem,
    ];
    const memory = valueOf(meminfo.outcome);
    const load = valueOf(loadavg.outcome);
    return {
      vm_id: identity.vmId ?? null,
      boot_id: identity.bootId ?? null,
      taken_at: takenAt,
      uptime_seconds: uptimeSeconds ?? null,
      cpu_usage_percent: cpuPercent === undefined ? null : percent(cpuPercent),
      ...memoryInKilobytes(memory),
      load_average: load?.load1 ?? null,
      process_count: valueOf(processes.outcome)?.snapshot.processes.length ?? null,
      cpu: sampleCpu(valueOf(cpu.outcome)),
      memory: sampleMemory(memory),
      swap: sampleSwap(memory),
      load:
        load === undefined ? null : { load1: load.load1, load5: load.load5, load15: load.load15 },
      pressure: samplePressure(valueOf(pressure.outcome)),
      disks: sampleDisks(valueOf(diskstats.outcome)),
      filesystems: sampleFilesystems(valueOf(filesystem.outcome)),
      networks: sampleNetworks(valueOf(netdev.outcome), valueOf(netclass.outcome)),
      processes: sampleProcesses(processes, cpu, memory),
      collectors: Object.fromEntries(all.map(status)),
    };
  };
};
