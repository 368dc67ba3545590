/**
 * What the signed-in person may do, so that no page offers what the manager would refuse. The
 * manager decides; this only mirrors its table.
 */
import type { Session } from '@innkeeper/protocol';
import type { SessionState } from './session.ts';

export interface Permissions {
  readonly readManager: boolean;
  readonly readHosts: boolean;
  readonly changeHosts: boolean;
  readonly deleteHosts: boolean;
  readonly createVms: boolean;
  readonly changeVms: boolean;
  readonly deleteVms: boolean;
  readonly manageTokens: boolean;
  readonly readAudit: boolean;
  readonly configureLogs: boolean;
  /** Run commands, and see what others have run and what it printed. */
  readonly runCommands: boolean;
  readonly manageCommands: boolean;
  readonly manageProvisioning: boolean;
}

const NOTHING: Permissions = {
  readManager: false,
  readHosts: false,
  changeHosts: false,
  deleteHosts: false,
  createVms: false,
  changeVms: false,
  deleteVms: false,
  manageTokens: false,
  readAudit: false,
  configureLogs: false,
  runCommands: false,
  manageCommands: false,
  manageProvisioning: false,
};

export const permissionsOf = ({ role, scope }: Pick<Session['actor'], 'role' | 'scope'>) => {
  const operates = role !== 'viewer';
  const administers = role === 'admin';
  /** Whoever sees only some of the VMs sees nothing of what is about all of them. */
  const unlimited = scope === null;
  return {
    readManager: unlimited,
    readHosts: unlimited,
    changeHosts: operates && unlimited,
    deleteHosts: administers && unlimited,
    createVms: operates,
    changeVms: operates,
    deleteVms: administers,
    manageTokens: administers && unlimited,
    readAudit: administers && unlimited,
    configureLogs: administers && unlimited,
    runCommands: operates,
    manageCommands: operates && unlimited,
    manageProvisioning: operates && unlimited,
  } satisfies Permissions;
};

export const permissionsIn = (state: SessionState): Permissions =>
  state.kind === 'signed_in' ? permissionsOf(state.session.actor) : NOTHING;
