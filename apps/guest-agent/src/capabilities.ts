/** What this agent serves, by its settings. */
import type { Settings } from './config/settings.ts';

export const capabilitiesOf = ({
  roles,
  exec,
  filePrefixes,
  isPowerOn,
  areUpdatesOn,
}: Pick<
  Settings,
  'roles' | 'exec' | 'filePrefixes' | 'isPowerOn' | 'areUpdatesOn'
>): readonly string[] => [
  'metrics',
  'info',
  'processes',
  'logs',
  ...(exec.isOn ? ['exec'] : []),
  ...(filePrefixes.length > 0 ? ['files'] : []),
  ...(isPowerOn ? ['power'] : []),
  ...(areUpdatesOn ? ['update'] : []),
  'rpc',
  ...(roles.includes('host') ? ['process-stats'] : []),
];
