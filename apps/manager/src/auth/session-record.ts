/** A session as it is in memory. */
import type { Actor } from './actor.ts';
import type { SessionRow } from './sql/get-sessions.ts';
import type { TokenRecord } from './token-record.ts';

export interface SessionRecord {
  readonly actor: Actor;
  readonly csrfToken: string;
  /** Undefined: opened with a sign-in link. */
  readonly tokenId: string | undefined;
  readonly createdAt: number;
  /** However much it is used. */
  readonly expiresAt: number;
}

/** With what it is found by, and when it was used: `writtenAt` is what the table has of that. */
export interface HeldSession extends SessionRecord {
  readonly hash: string;
  lastUsedAt: number;
  writtenAt: number;
}

/** Role and scope are the token's; a sign-in link has the widest. */
export const parseSessionRow = (row: SessionRow, token: TokenRecord | undefined): HeldSession => ({
  actor: {
    kind: 'session',
    id: row.id,
    name: row.name,
    role: token?.role ?? row.role,
    scope: token?.scope,
  },
  hash: row.hash,
  csrfToken: row.csrf_token,
  tokenId: row.token_id ?? undefined,
  createdAt: row.created_at_ms,
  expiresAt: row.expires_at_ms,
  lastUsedAt: row.last_used_at_ms,
  writtenAt: row.last_used_at_ms,
});
