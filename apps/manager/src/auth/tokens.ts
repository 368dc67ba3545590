/**
 * The tokens. All of them are in memory, so that authentication asks no database and works while
 * Postgres is away; what changes goes to Postgres first. The table is read again every minute, so
 * that a change whose answer got lost, or that was made by hand, counts soon too.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { refuse, type Problem } from '../http/problem.ts';
import type { Log } from '../log.ts';
import type { Endings } from './endings.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import { hashSecret, makeTokenSecret } from './secret.ts';
import { getTokens } from './sql/get-tokens.ts';
import { touchTokens } from './sql/touch-tokens.ts';
import { addToken, MAX_TOKENS, removeToken, type ChangedBy } from './token-changes.ts';
import { isLiveAt, parseTokenRow, type HeldToken, type TokenRecord } from './token-record.ts';

type Refused = { readonly ok: false; readonly problem: Problem };

export interface Tokens {
  list(): readonly TokenRecord[];
  /** Undefined where it was revoked or has expired. */
  get(id: string): TokenRecord | undefined;
  findBySecret(secret: string): TokenRecord | undefined;
  /** To the minute. */
  lastUsedAt(id: string): number | undefined;
  noteUse(id: string): void;
  create(
    token: Pick<TokenRecord, 'name' | 'role' | 'scope' | 'expiresAt'>,
    by: ChangedBy,
  ): Promise<{ readonly ok: true; readonly token: TokenRecord; readonly secret: string } | Refused>;
  revoke(id: string, by: ChangedBy): Promise<{ readonly ok: true } | Refused>;
  /** Makes a token for an admin where there is none at all; `secret` undefined: a new one. */
  createFirst(
    secret: string | undefined,
  ): Promise<{ readonly created: true; readonly secret: string } | { readonly created: false }>;
  /** Reads the table, and tells of tokens that have ended. */
  reload(): Promise<void>;
  /** Writes when tokens were last used. */
  flush(): Promise<void>;
}

const MINUTE_MS = 60_000;

const TOO_MANY: Problem = {
  status: 409,
  code: 'too_many_tokens',
  message: `there are ${MAX_TOKENS} tokens already: revoke those that nobody uses`,
};
const NOT_FOUND: Problem = {
  status: 404,
  code: 'token_not_found',
  message: 'there is no token with this id',
};
const LAST_ADMIN: Problem = {
  status: 409,
  code: 'last_admin',
  message:
    'this is the last token with the role admin and without a scope: create another one first',
};

export interface TokensOptions {
  readonly database: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly endings: Pick<Endings, 'tell'>;
  readonly oneAtATime: OneAtATime;
  readonly log: Log;
}

export const makeTokens = (options: TokensOptions): Tokens => {
  const { database, clock, endings, oneAtATime, log } = options;
  let byHash = new Map<string, HeldToken>();
  let byId = new Map<string, HeldToken>();
  const lastUsed = new Map<string, number>();
  const unwritten = new Map<string, number>();
  /** Expired ones stay in the list, but end only once. */
  const ended = new Set<string>();

  const ifLive = (token: HeldToken | undefined): TokenRecord | undefined =>
    token !== undefined && isLiveAt(token, clock.now()) ? token : undefined;

  const hold = (token: HeldToken): void => {
    byHash.set(token.hash, token);
    byId.set(token.id, token);
  };

  const forget = (id: string): void => {
    const token = byId.get(id);
    byId.delete(id);
    if (token !== undefined) byHash.delete(token.hash);
    lastUsed.delete(id);
    unwritten.delete(id);
    if (token !== undefined && !ended.delete(id)) endings.tell(id);
  };

  const read = async (): Promise<void> => {
    const rows = await getTokens(database);
    const tokens = rows.flatMap((row) => {
      const token = parseTokenRow(row);
      if (token === undefined) {
        log.error('a token has a scope that is no label selector', { token_id: row.id });
      }
      return token ?? [];
    });
    const ids = new Set(tokens.map(({ id }) => id));
    for (const id of byId.keys()) if (!ids.has(id)) forget(id);
    byHash = new Map(tokens.map((token) => [token.hash, token]));
    byId = new Map(tokens.map((token) => [token.id, token]));
    for (const { id, last_used_at_ms: at } of rows) {
      if (at !== null && byId.has(id) && at > (lastUsed.get(id) ?? 0)) lastUsed.set(id, at);
    }
    for (const token of tokens) {
      if (ifLive(token) !== undefined || ended.has(token.id)) continue;
      ended.add(token.id);
      endings.tell(token.id);
    }
  };

  return {
    list: () => [...byId.values()],
    get: (id) => ifLive(byId.get(id)),
    findBySecret: (secret) => ifLive(byHash.get(hashSecret(secret).toString('hex'))),
    lastUsedAt: (id) => lastUsed.get(id),
    noteUse: (id) => {
      const minute = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
      if (lastUsed.get(id) === minute || !byId.has(id)) return;
      lastUsed.set(id, minute);
      unwritten.set(id, minute);
    },
    create: (token, by) =>
      oneAtATime(async () => {
        const secret = makeTokenSecret();
        const now = clock.now();
        const added = await addToken(database, { token, secret, now, by, limit: MAX_TOKENS });
        if (added === undefined) return refuse(TOO_MANY);
        hold(added);
        return { ok: true, token: added, secret };
      }),
    revoke: (id, by) =>
      oneAtATime(async () => {
        const outcome = await removeToken(database, id, clock.now(), by);
        if (outcome === 'last admin') return refuse(LAST_ADMIN);
        // Also where the row has gone by other ways: memory follows the table.
        forget(id);
        return outcome === 'removed' ? { ok: true } : refuse(NOT_FOUND);
      }),
    createFirst: (given) =>
      oneAtATime(async () => {
        const secret = given ?? makeTokenSecret();
        const added = await addToken(database, {
          token: { name: 'admin', role: 'admin', scope: undefined, expiresAt: undefined },
          secret,
          now: clock.now(),
          by: { actor: undefined, request: undefined },
          limit: 1,
        });
        if (added === undefined) {
          // Another manager that was started at the same time may just have made it.
          await read();
          return { created: false };
        }
        hold(added);
        return { created: true, secret };
      }),
    reload: () => oneAtATime(read),
    flush: () =>
      oneAtATime(async () => {
        if (unwritten.size === 0) return;
        const used = new Map(unwritten);
        await touchTokens(database, used);
        for (const [id, at] of used) if (unwritten.get(id) === at) unwritten.delete(id);
      }),
  };
};
