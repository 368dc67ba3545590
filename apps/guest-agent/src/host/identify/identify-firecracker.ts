/**
 * Firecracker's command line, also as its jailer starts it.
 * https://github.com/firecracker-microvm/firecracker/blob/main/docs/getting-started.md
 */
import { boundedName, boundedPath, unidentified, type VmmIdentity } from './vmm-identity.ts';

const DEFAULT_API_SOCKET = '/run/firecracker.socket';

/** All others take a value. */
const WITHOUT_VALUE = new Set([
  '--boot-timer',
  '--enable-pci',
  '--help',
  '--no-api',
  '--no-seccomp',
  '--show-level',
  '--show-log-origin',
  '--snapshot-version',
  '--version',
]);

const readArguments = (argv: readonly string[]): ReadonlyMap<string, string> => {
  const options = new Map<string, string>();
  for (let index = 1; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    // What follows is for whoever wraps Firecracker.
    if (argument === '--') break;
    if (!argument.startsWith('--')) continue;
    const equals = argument.indexOf('=');
    if (equals !== -1) {
      options.set(argument.slice(0, equals), argument.slice(equals + 1));
    } else if (WITHOUT_VALUE.has(argument)) {
      options.set(argument, '');
    } else {
      index += 1;
      options.set(argument, argv[index] ?? '');
    }
  }
  return options;
};

/** Undefined for a Firecracker that only prints something and ends. */
export const identifyFirecracker = (argv: readonly string[]): VmmIdentity | undefined => {
  const options = readArguments(argv);
  const asks = ['--help', '--version', '--snapshot-version', '--describe-snapshot'];
  if (asks.some((name) => options.has(name))) return undefined;
  const apiSocket = options.get('--api-sock') ?? DEFAULT_API_SOCKET;
  return {
    ...unidentified('firecracker'),
    id: boundedName(options.get('--id')),
    apiSocket: options.has('--no-api') ? undefined : boundedPath(apiSocket),
    configFile: boundedPath(options.get('--config-file')),
    metricsPath: boundedPath(options.get('--metrics-path')),
  };
};
