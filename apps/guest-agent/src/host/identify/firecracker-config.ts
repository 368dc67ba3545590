/**
 * The parts of Firecracker's config file (`--config-file`) that say what the VM is.
 * https://github.com/firecracker-microvm/firecracker/blob/main/docs/getting-started.md
 */
import { parseVcpuCount } from './vcpu-count.ts';
import { boundedPath, boundedTaps, type VmmIdentity } from './vmm-identity.ts';

export type FirecrackerConfig = Pick<
  VmmIdentity,
  'memoryBytes' | 'vcpuCount' | 'metricsPath' | 'taps'
>;

const BYTES_PER_MIB = 1024 * 1024;
const MAX_MIB = 2 ** 40;

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;

const readMebibytes = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= MAX_MIB
    ? value * BYTES_PER_MIB
    : undefined;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Undefined where it is no JSON; a field that is odd is only missing. */
export const parseFirecrackerConfig = (json: string): FirecrackerConfig | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return undefined;
  }
  const machine = property(document, 'machine-config');
  const interfaces = property(document, 'network-interfaces');
  const list: readonly unknown[] = Array.isArray(interfaces) ? interfaces : [];
  return {
    memoryBytes: readMebibytes(property(machine, 'mem_size_mib')),
    vcpuCount: parseVcpuCount(property(machine, 'vcpu_count')),
    metricsPath: boundedPath(text(property(property(document, 'metrics'), 'metrics_path'))),
    taps: boundedTaps(list.flatMap((one) => text(property(one, 'host_dev_name')) ?? [])),
  };
};
