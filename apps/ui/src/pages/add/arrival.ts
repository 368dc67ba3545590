/** How far a VM has come that was just registered, by its newest row. */
import type { PullFailureKind } from '@innkeeper/protocol';
import type { FleetRow } from '@innkeeper/protocol/fleet-frame';

export type Arrival =
  /** Nobody has been asked yet, or the first answer is under way. */
  | { readonly kind: 'waiting' }
  /** The agent answers; rates need a second answer. */
  | { readonly kind: 'answering'; readonly row: FleetRow }
  /** Only its host sees it. */
  | { readonly kind: 'host_only'; readonly row: FleetRow; readonly reason: PullFailureKind | null }
  | { readonly kind: 'failing'; readonly reason: PullFailureKind };

export const arrivalOf = (row: FleetRow | undefined): Arrival => {
  if (row === undefined) return { kind: 'waiting' };
  if (row.origin === 'guest') return { kind: 'answering', row };
  if (row.origin === 'host') return { kind: 'host_only', row, reason: row.reason };
  return row.reason === null ? { kind: 'waiting' } : { kind: 'failing', reason: row.reason };
};
