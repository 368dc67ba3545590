/** Which host a VM belongs to. The manager's own machine is a VM without a host: it is its own. */
import type { FleetMember } from '@innkeeper/protocol';

export const LOCAL = 'local';

export const hostPlace = ({
  host_id: hostId,
  is_local: isLocal,
}: Pick<FleetMember, 'host_id' | 'is_local'>): string | undefined =>
  hostId ?? (isLocal ? LOCAL : undefined);
