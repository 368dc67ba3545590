/** Every change of state leaves a row: who, what, to which, with what request. */
import type { Actor } from '../auth/actor.ts';
import type { Queryable } from '../database/database.ts';
import type { RequestFacts } from '../http/route.ts';
import { insertAudit } from './sql/insert-audit.ts';

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

/** Within the transaction of the change: there is never one without the other. */
export const recordAudit = (queryable: Queryable, record: AuditRecord): Promise<void> =>
  insertAudit(queryable, record);
