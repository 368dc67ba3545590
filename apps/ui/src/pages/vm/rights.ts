/** Why whoever is signed in may not do something to a VM, in words. */
import type { Session } from '@innkeeper/protocol';
import { permissionsOf } from '../../state/permissions.ts';

export interface Rights {
  /** Why it cannot be done; undefined: it can. */
  readonly update: string | undefined;
  readonly place: string | undefined;
  readonly remove: string | undefined;
}

const ROLE_NAMES = {
  viewer: 'a viewer',
  operator: 'an operator',
  admin: 'an administrator',
} as const;
const LOCAL =
  'This is the machine that the manager runs on: it keeps its address and host, and stays.';

export const rightsOf = (
  actor: Pick<Session['actor'], 'role' | 'scope'>,
  isLocal: boolean,
): Rights => {
  const { changeVms, readHosts, deleteVms } = permissionsOf(actor);
  const signedIn = `You are signed in as ${ROLE_NAMES[actor.role]}`;
  const update = changeVms ? undefined : `${signedIn}: you see everything and change nothing.`;
  const place = readHosts
    ? undefined
    : 'Your access is limited to some VMs; hosts and sockets are for those who see all.';
  const remove = deleteVms ? undefined : `${signedIn}: only administrators delete VMs.`;
  const local = isLocal ? LOCAL : undefined;
  return { update, place: update ?? local ?? place, remove: remove ?? local };
};

export const addressRight = ({ update }: Rights, isLocal: boolean): string | undefined =>
  update ?? (isLocal ? LOCAL : undefined);
