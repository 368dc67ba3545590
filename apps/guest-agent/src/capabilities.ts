/** What this agent serves, by its settings. */
import type { Settings } from './config/settings.ts';

export const capabilitiesOf = ({
  roles,
  exec,
  filePrefixes,
  isPowerOn,
}: Pick<Settings, 'roles' | 'exec' | 'filePrefixes' | 'isPowerOn'>): readonly string[] => [
  'metrics',
  'info',
  'processes',
  'logs',
  ...(exec.isOn ? ['exec'] : []),
  ...(filePrefixes.length > 0 ? ['files'] : []),
  ...(isPowerOn ? ['power'] : []),
  'rpc',
  ...(roles.includes('host') ? ['process-stats'] : []),
];
