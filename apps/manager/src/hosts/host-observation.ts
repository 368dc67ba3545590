/** What is known of one VM from its host, at the moment somebody asks. */
import type { VmmProcess } from '@innkeeper/protocol';
import type { PullFailure } from '../pull/pull-result.ts';

export type HostObservation =
  /** It has no host, and no host has a VMM that fits. */
  | { readonly kind: 'no_host' }
  /** Its host's agent has not been asked yet. */
  | { readonly kind: 'pending'; readonly hostId: string }
  | { readonly kind: 'unreachable'; readonly hostId: string; readonly failure: PullFailure }
  | {
      readonly kind: 'no_vmm';
      readonly hostId: string;
      /** By the manager's clock, as everywhere here. */
      readonly takenAt: number;
      /** True: there was one, so the VM has ended. False: perhaps its locator is wrong. */
      readonly seenBefore: boolean;
      /** What the host's agent said of the locator, where it said anything. */
      readonly message: string | undefined;
    }
  | {
      readonly kind: 'ambiguous';
      readonly hostId: string;
      readonly takenAt: number;
      readonly count: number;
    }
  | {
      readonly kind: 'seen';
      readonly hostId: string;
      readonly takenAt: number;
      readonly takenMonotonicMs: number;
      /** By the host's own clock, for rates of its counters. */
      readonly hostTakenAt: number;
      readonly hostBootId: string | null;
      readonly vmm: VmmProcess;
    };
