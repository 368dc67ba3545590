/** Changes of the table of tokens, each with its row in the audit. */
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import type { RequestFacts } from '../http/route.ts';
import type { Actor } from './actor.ts';
import { hashSecret } from './secret.ts';
import { deleteToken } from './sql/delete-token.ts';
import { getTokens } from './sql/get-tokens.ts';
import { insertToken } from './sql/insert-token.ts';
import { lockTokens } from './sql/lock-tokens.ts';
import { isLiveAt, parseTokenRow, type HeldToken, type TokenRecord } from './token-record.ts';

export interface ChangedBy {
  /** Undefined: the manager itself. */
  readonly actor: Actor | undefined;
  readonly request: RequestFacts | undefined;
}

/** Beyond that, nobody knows any more whose they are; and all are in memory. */
export const MAX_TOKENS = 1000;

export interface AddOptions {
  readonly token: Pick<TokenRecord, 'name' | 'role' | 'scope' | 'expiresAt'>;
  readonly secret: string;
  readonly now: number;
  readonly by: ChangedBy;
  /** Only while there are fewer tokens than this. */
  readonly limit: number;
}

/** Undefined: there are as many as there may be. */
export const addToken = async (
  database: Database,
  { token, secret, now, by, limit }: AddOptions,
): Promise<HeldToken | undefined> => {
  const id = randomUUID();
  const hash = hashSecret(secret);
  const { name, role, scope, expiresAt } = token;
  const isAdded = await database.transaction(async (transaction) => {
    await lockTokens(transaction);
    if ((await getTokens(transaction)).length >= limit) return false;
    const fields = { id, name, hash, role, scope: scope?.text, createdAt: now, expiresAt };
    await insertToken(transaction, fields);
    await recordAudit(transaction, {
      ...by,
      action: 'token.create',
      target: { kind: 'token', id, name },
      detail: { role, scope: scope?.text ?? null, expires_at: expiresAt ?? null },
    });
    return true;
  });
  if (!isAdded) return undefined;
  return { id, name, role, scope, expiresAt, createdAt: now, hash: hash.toString('hex') };
};

const canManageTokens = (token: TokenRecord, now: number): boolean =>
  token.role === 'admin' && token.scope === undefined && isLiveAt(token, now);

/**
 * Whoever loses the last admin token could still get in by the sign-in link of the next start; but
 * that takes a restart, which is a lot for a slip.
 */
export const removeToken = (
  database: Database,
  id: string,
  now: number,
  by: ChangedBy,
): Promise<'removed' | 'not found' | 'last admin'> =>
  database.transaction(async (transaction) => {
    await lockTokens(transaction);
    const tokens = (await getTokens(transaction)).flatMap((row) => parseTokenRow(row) ?? []);
    const token = tokens.find((other) => other.id === id);
    if (token !== undefined && canManageTokens(token, now)) {
      const others = tokens.filter((other) => other.id !== id && canManageTokens(other, now));
      if (others.length === 0) return 'last admin';
    }
    if (!(await deleteToken(transaction, id))) return 'not found';
    await recordAudit(transaction, {
      ...by,
      action: 'token.revoke',
      // A row that cannot be parsed goes as well; it only has no name here.
      target: { kind: 'token', id, name: token?.name },
      detail: {},
    });
    return 'removed';
  });
