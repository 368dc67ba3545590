/** Changes of the table of sessions, each with its row in the audit. */
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import type { RequestFacts } from '../http/route.ts';
import type { SessionRecord } from './session-record.ts';
import { deleteSessions } from './sql/delete-sessions.ts';
import { insertSession } from './sql/insert-session.ts';

/** False: its token has been revoked meanwhile. */
export const addSession = (
  database: Database,
  session: SessionRecord,
  hash: Buffer,
  /** The sessions that make room for it. */
  replaced: readonly SessionRecord[],
  request: RequestFacts,
): Promise<boolean> =>
  database.transaction(async (transaction) => {
    const { actor, csrfToken, tokenId, createdAt, expiresAt } = session;
    const { id, name, role, scope } = actor;
    const times = { createdAt, expiresAt };
    const fields = { id, hash, csrfToken, tokenId, name, role, scope: scope?.text, ...times };
    if (!(await insertSession(transaction, fields))) return false;
    if (replaced.length > 0) {
      await deleteSessions(
        transaction,
        replaced.map((old) => old.actor.id),
      );
    }
    await recordAudit(transaction, {
      actor,
      action: 'session.open',
      target: { kind: 'session', id, name },
      detail: {
        with: tokenId === undefined ? 'code' : 'token',
        token_id: tokenId ?? null,
        replaced: replaced.length,
      },
      request,
    });
    return true;
  });

export const removeSession = (
  database: Database,
  { actor }: SessionRecord,
  request: RequestFacts,
): Promise<void> =>
  database.transaction(async (transaction) => {
    await deleteSessions(transaction, [actor.id]);
    await recordAudit(transaction, {
      actor,
      action: 'session.end',
      target: { kind: 'session', id: actor.id, name: actor.name },
      detail: {},
      request,
    });
  });
