/**
 * cloud-hypervisor's command line. A VM that is made through its API says nothing here.
 * https://github.com/cloud-hypervisor/cloud-hypervisor/blob/main/docs/device_model.md
 */
import { parseMemorySize } from './memory-size.ts';
import { parseOptionString } from './option-string.ts';
import { parseVcpuCount } from './vcpu-count.ts';
import { boundedName, boundedPath, boundedTaps, unidentified } from './vmm-identity.ts';
import type { VmmIdentity } from './vmm-identity.ts';

/** Some options take several values: `--net tap=tap0 tap=tap1`. */
const readArguments = (argv: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const argument of argv.slice(1)) {
    if (!argument.startsWith('--')) {
      values.push(argument);
      continue;
    }
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    values = options.get(name) ?? [];
    options.set(name, values);
    if (equals !== -1) values.push(argument.slice(equals + 1));
  }
  return options;
};

/** Undefined for one that only prints its version or usage. */
export const identifyCloudHypervisor = (argv: readonly string[]): VmmIdentity | undefined => {
  const options = readArguments(argv);
  if (options.has('--version') || options.has('--help') || argv.includes('-V')) return undefined;
  const parsed = (name: string, key: string): ReadonlyMap<string, string> =>
    parseOptionString(options.get(name)?.[0] ?? '', key);
  const taps = (options.get('--net') ?? []).flatMap(
    (text) => parseOptionString(text).get('tap') ?? [],
  );
  return {
    ...unidentified('cloud-hypervisor'),
    uuid: boundedName(parsed('--platform', 'type').get('uuid')),
    memoryBytes: parseMemorySize(parsed('--memory', 'size').get('size'), 'b'),
    vcpuCount: parseVcpuCount(parsed('--cpus', 'boot').get('boot')),
    apiSocket: boundedPath(parsed('--api-socket', 'path').get('path')),
    taps: boundedTaps(taps),
  };
};
