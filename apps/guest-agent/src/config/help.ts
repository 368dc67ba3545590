/** What `--help` prints. */
import { DEFAULT_CONFIG_PATH } from './load.ts';
import { SETTINGS } from './settings.ts';

const COLUMN = 28;

const line = (flag: string, help: string): string => `  ${flag.padEnd(COLUMN)}${help}\n`;

export const helpText = (version: string): string => {
  const settings = Object.entries(SETTINGS).map(([key, setting]) =>
    line(`--${key.replaceAll('_', '-')} ${setting.placeholder}`, setting.help),
  );
  return (
    `guest-agent ${version}: how this machine is doing, over HTTP\n\n` +
    'Usage: guest-agent [flags]\n\n' +
    settings.join('') +
    line('--config FILE', `settings as JSON (${DEFAULT_CONFIG_PATH}, if it is there)`) +
    line('--version', 'print the version') +
    line('--help', 'print this') +
    '\nEach flag is also a variable (--log-level is GUEST_AGENT_LOG_LEVEL) and a key of the\n' +
    'config file ("log_level"). Flags win over variables, variables over the file.\n\n' +
    'Serves /health, /metrics (Prometheus text, OpenMetrics, ?format=json), /info,\n' +
    '/processes, /logs and, with the role host, /metrics/process-stats; for who holds a token of\n' +
    'the manager also /exec, /files, /power and /rpc. A setting that is unknown or malformed ends\n' +
    'the start with exit code 78.\n'
  );
};
