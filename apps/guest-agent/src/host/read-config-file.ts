/** Completes what Firecracker's command line says with its config file, where that may be read. */
import type { MissingPart } from '@innkeeper/protocol';
import type { Files } from '../platform/platform.ts';
import { parseFirecrackerConfig } from './identify/firecracker-config.ts';
import type { VmmIdentity } from './identify/vmm-identity.ts';
import { missing, missingFrom } from './missing-part.ts';
import type { HostPaths } from './paths/host-paths.ts';
import type { VmmPaths } from './paths/vmm-paths.ts';

const MAX_CONFIG_BYTES = 256 * 1024;

const about = (path: string, { reason, message }: MissingPart): MissingPart =>
  missing(reason, `config file ${path.slice(0, 200)}: ${message}`);

export const completeFromConfigFile = (
  identity: VmmIdentity,
  pid: number,
  dependencies: {
    readonly files: Pick<Files, 'readText'>;
    readonly hostPaths: HostPaths;
    readonly vmmPaths: VmmPaths;
  },
): VmmIdentity => {
  if (identity.configFile === undefined) return identity;
  const { files, hostPaths, vmmPaths } = dependencies;
  const path = identity.configFile;
  const located = vmmPaths.locate(pid, path);
  const allowed = located.ok ? hostPaths.resolve(located.path) : located;
  if (!allowed.ok) return { ...identity, configProblem: about(path, allowed) };
  const text = files.readText(allowed.path, { maxBytes: MAX_CONFIG_BYTES, regularOnly: true });
  if (!text.ok) {
    const problem = missingFrom(text.error, 'read permission on it, or CAP_DAC_READ_SEARCH');
    return { ...identity, configProblem: about(path, problem) };
  }
  const config = parseFirecrackerConfig(text.value);
  if (config === undefined) {
    return { ...identity, configProblem: about(path, missing('malformed', 'is not valid JSON')) };
  }
  return {
    ...identity,
    memoryBytes: config.memoryBytes,
    vcpuCount: config.vcpuCount,
    taps: config.taps,
    metricsPath: identity.metricsPath ?? config.metricsPath,
  };
};
