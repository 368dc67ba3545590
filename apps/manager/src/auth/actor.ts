/** Who asks: somebody with a token, a browser with a session, or the manager itself. */
import type { Role } from '@innkeeper/protocol';
import type { LabelSelector } from '../vms/label-selector.ts';

export interface Actor {
  readonly kind: 'token' | 'session';
  /** Of the token or the session. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Undefined: every VM. */
  readonly scope: LabelSelector | undefined;
}
