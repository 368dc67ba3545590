/**
 * The sessions of browsers, in memory like the tokens, and in Postgres so that a restart of the
 * manager signs nobody out. A session ends when it is signed out, was not used for twelve hours,
 * is a week old, or when its token ends.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { RequestFacts } from '../http/route.ts';
import type { Endings } from './endings.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import { hashSecret, makeSecret } from './secret.ts';
import { addSession, removeSession } from './session-changes.ts';
import { parseSessionRow, type HeldSession, type SessionRecord } from './session-record.ts';
import { deleteSessions } from './sql/delete-sessions.ts';
import { getSessions, type SessionRow } from './sql/get-sessions.ts';
import { touchSessions } from './sql/touch-sessions.ts';
import type { TokenRecord } from './token-record.ts';
import type { Tokens } from './tokens.ts';

export interface Sessions {
  /** Undefined where it has ended. To ask for it counts as using it. */
  findBySecret(secret: string): SessionRecord | undefined;
  get(id: string): SessionRecord | undefined;
  /** The same, and counts as using it: so does an open connection. */
  use(id: string): SessionRecord | undefined;
  /** When it ends if it is not used from now on. */
  endOf(session: SessionRecord): number;
  /** Undefined: the token has been revoked meanwhile. */
  open(
    token: TokenRecord | undefined,
    request: RequestFacts,
  ): Promise<{ readonly session: SessionRecord; readonly secret: string } | undefined>;
  end(session: SessionRecord, request: RequestFacts): Promise<void>;
  /** Reads the table, deletes what has ended, and tells of it. */
  reload(): Promise<void>;
  /** Writes when sessions were last used. */
  flush(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const IDLE_MS = 12 * HOUR_MS;
const SESSION_MS = 7 * 24 * HOUR_MS;
/** A restart may forget that much of a session's last use. */
const WRITE_EVERY_MS = 5 * 60_000;
/** Beyond these the one that was not used for longest ends. */
const MAX_PER_TOKEN = 20;
const MAX_SESSIONS = 1000;

export interface SessionsOptions {
  readonly database: Database;
  readonly tokens: Pick<Tokens, 'get'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly endings: Endings;
  readonly oneAtATime: OneAtATime;
}

const endOf = ({ expiresAt, lastUsedAt }: HeldSession): number =>
  Math.min(expiresAt, lastUsedAt + IDLE_MS);

/** Those that make room for one more of the same token. */
const chooseReplaced = (all: Iterable<HeldSession>, tokenId: string | undefined): HeldSession[] => {
  const byUse = [...all].toSorted((one, other) => one.lastUsedAt - other.lastUsedAt);
  const same = byUse.filter((session) => session.tokenId === tokenId);
  const surplus = same.slice(0, Math.max(0, same.length - MAX_PER_TOKEN + 1));
  const rest = byUse.filter((session) => !surplus.includes(session));
  return [...surplus, ...rest.slice(0, Math.max(0, rest.length - MAX_SESSIONS + 1))];
};

const makeSession = (
  token: TokenRecord | undefined,
  now: number,
): { session: HeldSession; secret: string; hash: Buffer } => {
  const secret = makeSecret();
  const hash = hashSecret(secret);
  const session: HeldSession = {
    actor: {
      kind: 'session',
      id: randomUUID(),
      name: token?.name ?? 'sign-in link',
      role: token?.role ?? 'admin',
      scope: token?.scope,
    },
    hash: hash.toString('hex'),
    csrfToken: makeSecret(),
    tokenId: token?.id,
    createdAt: now,
    expiresAt: Math.min(now + SESSION_MS, token?.expiresAt ?? Infinity),
    lastUsedAt: now,
    writtenAt: now,
  };
  return { session, secret, hash };
};

export const makeSessions = (options: SessionsOptions): Sessions => {
  const { database, tokens, clock, endings, oneAtATime } = options;
  let byHash = new Map<string, HeldSession>();
  let byId = new Map<string, HeldSession>();

  const ifLive = (session: HeldSession | undefined): HeldSession | undefined => {
    if (session === undefined || clock.now() >= endOf(session)) return undefined;
    const { tokenId } = session;
    return tokenId === undefined || tokens.get(tokenId) !== undefined ? session : undefined;
  };

  const use = (found: HeldSession | undefined): HeldSession | undefined => {
    const session = ifLive(found);
    if (session !== undefined) session.lastUsedAt = clock.now();
    return session;
  };

  const forget = (session: HeldSession): void => {
    byHash.delete(session.hash);
    if (byId.delete(session.actor.id)) endings.tell(session.actor.id);
  };

  // For as long as the manager runs, like the sessions themselves.
  endings.listen((id) => {
    for (const session of byId.values()) if (session.tokenId === id) forget(session);
  });

  const fromRow = (row: SessionRow): HeldSession | undefined => {
    const token = row.token_id === null ? undefined : tokens.get(row.token_id);
    if (row.token_id !== null && token === undefined) return undefined;
    const session = parseSessionRow(row, token);
    const before = byId.get(row.id)?.lastUsedAt ?? 0;
    return ifLive({ ...session, lastUsedAt: Math.max(before, session.lastUsedAt) });
  };

  const read = async (): Promise<void> => {
    const rows = await getSessions(database);
    const sessions = rows.flatMap((row) => fromRow(row) ?? []);
    const ids = new Set(sessions.map(({ actor }) => actor.id));
    for (const session of byId.values()) if (!ids.has(session.actor.id)) forget(session);
    byHash = new Map(sessions.map((session) => [session.hash, session]));
    byId = new Map(sessions.map((session) => [session.actor.id, session]));
    // Those of a token that is gone went with it; one that is not known here yet must stay.
    const now = clock.now();
    const over = rows
      .filter((row) => endOf(parseSessionRow(row, undefined)) <= now && !ids.has(row.id))
      .map(({ id }) => id);
    if (over.length > 0) await deleteSessions(database, over);
  };

  const open = async (
    token: TokenRecord | undefined,
    request: RequestFacts,
  ): Promise<{ session: SessionRecord; secret: string } | undefined> => {
    const { session, secret, hash } = makeSession(token, clock.now());
    const replaced = chooseReplaced(byId.values(), token?.id);
    if (!(await addSession(database, session, hash, replaced, request))) return undefined;
    for (const old of replaced) forget(old);
    byHash.set(session.hash, session);
    byId.set(session.actor.id, session);
    return { session, secret };
  };

  const flush = async (): Promise<void> => {
    const due = [...byId.values()].filter(
      ({ lastUsedAt, writtenAt }) => lastUsedAt - writtenAt >= WRITE_EVERY_MS,
    );
    if (due.length === 0) return;
    const used = new Map(due.map(({ actor, lastUsedAt }) => [actor.id, lastUsedAt]));
    await touchSessions(database, used);
    for (const session of due) {
      session.writtenAt = used.get(session.actor.id) ?? session.writtenAt;
    }
  };

  return {
    findBySecret: (secret) => use(byHash.get(hashSecret(secret).toString('hex'))),
    get: (id) => ifLive(byId.get(id)),
    use: (id) => use(byId.get(id)),
    endOf: ({ actor, expiresAt }) => {
      const session = byId.get(actor.id);
      return session === undefined ? expiresAt : endOf(session);
    },
    open: (token, request) => oneAtATime(() => open(token, request)),
    end: (session, request) =>
      oneAtATime(async () => {
        await removeSession(database, session, request);
        const held = byId.get(session.actor.id);
        if (held !== undefined) forget(held);
      }),
    reload: () => oneAtATime(read),
    flush: () => oneAtATime(flush),
  };
};
