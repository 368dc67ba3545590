/** How a change of a registry ended, and who asked for it. */
import type { Actor } from '../auth/actor.ts';
import type { Problem } from '../http/problem.ts';
import type { RequestFacts } from '../http/route.ts';

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

export interface ChangedBy {
  /** Undefined: the manager itself, which may do everything. */
  readonly actor: Actor | undefined;
  readonly request: RequestFacts | undefined;
}
