/** A token as it is in memory. */
import type { Role } from '@innkeeper/protocol';
import { parseLabelSelector, type LabelSelector } from '../vms/label-selector.ts';
import type { TokenRow } from './sql/get-tokens.ts';

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Undefined: every VM. */
  readonly scope: LabelSelector | undefined;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
}

/** With what its secret is found by. */
export interface HeldToken extends TokenRecord {
  readonly hash: string;
}

export const isLiveAt = ({ expiresAt }: Pick<TokenRecord, 'expiresAt'>, now: number): boolean =>
  expiresAt === undefined || expiresAt > now;

/** Undefined where the scope is no selector: without it the token would see everything. */
export const parseTokenRow = (row: TokenRow): HeldToken | undefined => {
  const scope = row.scope === null ? undefined : parseLabelSelector(row.scope);
  if (scope?.ok === false) return undefined;
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    role: row.role,
    scope: scope?.selector,
    createdAt: row.created_at_ms,
    expiresAt: row.expires_at_ms ?? undefined,
  };
};
