/** The methods that only tell: who the agent is, and what the machine is. */
import type { Info, RpcResults } from '@innkeeper/protocol';
import { parseUptime } from '@innkeeper/procfs';
import type { Collectors } from '../collectors/collectors.ts';
import type { Clock } from '../platform/platform.ts';
import { sampleFilesystems } from '../sample/devices.ts';
import { readParsed, valueOf } from '../sources/collected.ts';
import type { Source } from '../sources/source.ts';
import type { RpcHandler } from './dispatcher.ts';
import { paramsOf } from './params.ts';

const RPC_PROTOCOL_VERSION = '1.0';

export interface MachineMethodsDependencies {
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly info: () => Promise<Info>;
  readonly uptime: Source;
  readonly collectors: Pick<Collectors, 'filesystem'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

type Telling =
  | 'ping'
  | 'get_agent_info'
  | 'get_system_info'
  | 'get_network_info'
  | 'get_disk_usage';

export type MachineMethods = Readonly<Record<Telling, RpcHandler>>;

const telling = <Name extends Telling>(
  scope: RpcHandler['scope'],
  tell: () => RpcResults[Name] | Promise<RpcResults[Name]>,
): RpcHandler => ({
  scope,
  call: async (params) => {
    paramsOf(params, []);
    return { ok: true, value: await tell() };
  },
});

const usedPercent = (used: number | null, available: number | null): number | null => {
  if (used === null || available === null || used + available <= 0) return null;
  // As df(1) has it: of what an ordinary user could use.
  return Math.min(100, Math.round((used / (used + available)) * 10_000) / 100);
};

export const makeMachineMethods = (dependencies: MachineMethodsDependencies): MachineMethods => {
  const { version, capabilities, info, uptime, collectors, clock } = dependencies;

  const systemInfo = async (): Promise<RpcResults['get_system_info']> => {
    const { os, kernel, hostname, architecture, cpu, memory } = await info();
    return {
      os_type: 'linux',
      os_name: os.pretty_name ?? os.name,
      os_version: os.version,
      kernel_version: kernel.release,
      hostname,
      architecture,
      cpu_count: cpu.count,
      total_memory_kb: memory.total_bytes === null ? null : Math.floor(memory.total_bytes / 1024),
      uptime_seconds: valueOf(readParsed(uptime, parseUptime))?.uptimeSeconds ?? null,
    };
  };

  const networkInfo = async (): Promise<RpcResults['get_network_info']> => {
    const { interfaces } = await info();
    return {
      interfaces: interfaces.map((one) => {
        const ofFamily = (family: 'ipv4' | 'ipv6'): string[] =>
          (one.addresses ?? [])
            .filter((entry) => entry.family === family)
            .map(({ address }) => address);
        return {
          name: one.device,
          mac_address: one.mac_address,
          ipv4_addresses: ofFamily('ipv4'),
          ipv6_addresses: ofFamily('ipv6'),
          state: one.operstate,
          mtu: one.mtu_bytes,
        };
      }),
    };
  };

  const diskUsage = async (): Promise<RpcResults['get_disk_usage']> => {
    const found = sampleFilesystems(valueOf((await collectors.filesystem.run()).outcome));
    return {
      filesystems: (found ?? []).map((one) => {
        const { size_bytes: total, free_bytes: free, available_bytes: available } = one;
        const used = total === null || free === null ? null : Math.max(0, total - free);
        return {
          mount_point: one.mountpoint,
          device: one.device,
          fs_type: one.fstype,
          total_bytes: total,
          used_bytes: used,
          available_bytes: available,
          used_percent: usedPercent(used, available),
        };
      }),
    };
  };

  return {
    ping: telling<'ping'>(undefined, () => ({ pong: true, timestamp: clock.nowMs() })),
    get_agent_info: telling<'get_agent_info'>(undefined, () => ({
      version,
      protocol_version: RPC_PROTOCOL_VERSION,
      platform: 'linux',
      capabilities: [...capabilities],
    })),
    get_system_info: telling<'get_system_info'>('metrics', systemInfo),
    get_network_info: telling<'get_network_info'>('metrics', networkInfo),
    get_disk_usage: telling<'get_disk_usage'>('metrics', diskUsage),
  };
};
