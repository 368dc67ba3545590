/** How one pull of a guest's or host's agent ended. */
import type { PullFailureKind } from '@innkeeper/protocol';

export interface PullFailure {
  readonly kind: PullFailureKind;
  /** For people, with the address in it; at most 512 characters. */
  readonly message: string;
}

export type PullResult<Value> =
  | {
      readonly ok: true;
      readonly value: Value;
      /** From asking to the last byte. */
      readonly seconds: number;
      /** The manager's clocks when the last byte came: unix time, and one that never jumps. */
      readonly receivedAt: number;
      readonly receivedMonotonicMs: number;
    }
  | { readonly ok: false; readonly failure: PullFailure; readonly seconds: number };

/** What came of a VM's turn in the pull loop. */
export type Turn<Value> =
  | { readonly kind: 'pulled'; readonly result: PullResult<Value> }
  /** Not asked this time: it has failed for a while and is asked less often; next in so long. */
  | { readonly kind: 'backing_off'; readonly restMs: number }
  /** Not asked: the pull before is still under way. */
  | { readonly kind: 'busy' };
