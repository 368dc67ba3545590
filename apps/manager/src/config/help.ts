/** What `--help` prints. */
import { SETTINGS, type Setting } from './settings.ts';

const COLUMN = 26;

export const helpText = (version: string): string => {
  const all: readonly Setting<unknown>[] = Object.values(SETTINGS);
  const lines = all.map(
    ({ flag, placeholder, help }) => `  ${`${flag} ${placeholder}`.padEnd(COLUMN)}${help}\n`,
  );
  return (
    `innkeeper manager ${version}: how every VM is doing, live and in history\n\n` +
    'Usage: manager [flags]\n\n' +
    lines.join('') +
    `  ${'--version'.padEnd(COLUMN)}print the version\n` +
    `  ${'--help'.padEnd(COLUMN)}print this\n\n` +
    'Each flag is also a variable: --pull-interval is INNKEEPER_PULL_INTERVAL, and\n' +
    '--database-url is DATABASE_URL. Flags win. Times: 500ms, 1s, 5m, 6h, 90d; sizes: 64MiB.\n' +
    'A setting that is unknown or malformed ends the start with exit code 78.\n'
  );
};
