/** Every change of state leaves a row: who, what, to which, with what request. */
import type { Actor } from '../auth/actor.ts';
import type { RequestFacts } from '../http/route.ts';

export interface AuditRecord {
  /** Undefined: the manager itself. */
  readonly actor: Actor | undefined;
  readonly action: string;
  readonly target:
    | { readonly kind: string; readonly id: string; readonly name: string | undefined }
    | undefined;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly request: RequestFacts | undefined;
}
