import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createdTokenSchema, sessionSchema, tokenSchema, type Session } from '@innkeeper/protocol';
import { z } from 'zod';
import {
  serveAccessControl,
  type AccessControlled,
  type AccessControlledOptions,
} from '../../../../test/support/http-access-control.ts';
import type { HttpReply } from '../../../../test/support/http-client.ts';
import { messageOf, outcomeOf } from '../../../../test/support/http-served-app.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { DatabaseUnavailable, type Database } from '../database/database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let testDatabase: TestDatabase;
let isDown = false;
let served: AccessControlled;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(async () => {
  await testDatabase.drop();
});

/** The real database, which can be made to be away. */
const database: Database = {
  query: async (statement) => {
    if (isDown) throw new DatabaseUnavailable('away');
    return testDatabase.database.query(statement);
  },
  transaction: async (work) => {
    if (isDown) throw new DatabaseUnavailable('away');
    return testDatabase.database.transaction(work);
  },
};

const start = async (options: Partial<AccessControlledOptions> = {}): Promise<void> => {
  served = await serveAccessControl({ database, ...options });
};

beforeEach(async () => {
  isDown = false;
  await testDatabase.database.query({ text: 'TRUNCATE token, session, audit CASCADE' });
  await start();
});
afterEach(async () => {
  vi.useRealTimers();
  await served.stop();
});

/** What a restart of the manager does. */
const restart = async (options: Partial<AccessControlledOptions> = {}): Promise<void> => {
  const { adminToken, clock } = served;
  await served.stop();
  await start({ adminToken, startMs: clock.ms, ...options });
};

const tokenOf = (reply: HttpReply): z.infer<typeof createdTokenSchema> =>
  createdTokenSchema.parse(reply.json());

const makeToken = async (fields: object): Promise<z.infer<typeof createdTokenSchema>> =>
  tokenOf(
    await served.app.ask('/v1/tokens', {
      method: 'POST',
      token: served.adminToken,
      json: { name: 'a', role: 'viewer', ...fields },
    }),
  );

const whoIs = (token: string): Promise<HttpReply> => served.app.ask('/v1/session', { token });

const listTokens = async (): Promise<z.infer<typeof tokenSchema>[]> => {
  const reply = await served.app.ask('/v1/tokens', { token: served.adminToken });
  return z.object({ items: z.array(tokenSchema) }).parse(reply.json()).items;
};

const revoke = (id: string): Promise<HttpReply> =>
  served.app.ask(`/v1/tokens/${id}`, { method: 'DELETE', token: served.adminToken });

const auditSchema = z.object({
  items: z.array(
    z.looseObject({
      action: z.string(),
      actor: z.looseObject({ kind: z.string(), name: z.string() }),
    }),
  ),
});
const listAudit = async (): Promise<z.infer<typeof auditSchema>['items']> => {
  const reply = await served.app.ask('/v1/audit', { token: served.adminToken });
  return auditSchema.parse(reply.json()).items;
};

interface SignedIn {
  readonly reply: HttpReply;
  readonly setCookie: string;
  readonly cookie: string;
  readonly session: Session;
}

const postSession = (json: object): Promise<HttpReply> =>
  served.app.ask('/v1/session', { method: 'POST', json });

const signIn = async (json: object): Promise<SignedIn> => {
  const reply = await postSession(json);
  const setCookie = reply.headers['set-cookie']?.[0] ?? '';
  const [cookie = ''] = setCookie.split(';');
  return { reply, setCookie, cookie, session: sessionSchema.parse(reply.json()) };
};

const statusWith = async (cookie: string): Promise<number> =>
  (await served.app.ask('/v1/session', { headers: { cookie } })).status;

describe('the first token', () => {
  test('is made once, for an admin, and its secret works', async () => {
    expect(served.adminToken).toMatch(/^ik_[\w-]{43}$/u);
    const me = sessionSchema.parse((await whoIs(served.adminToken)).json());
    expect(me).toMatchObject({
      actor: { kind: 'token', name: 'admin', role: 'admin', scope: null },
      csrf_token: null,
      expires_at: null,
    });
    expect(await served.access.createFirstToken(undefined)).toEqual({ created: false });
  });

  test('may be chosen, but only at the first start', async () => {
    const chosen = 'chosen-by-somebody-with-a-setting';
    expect(await served.access.createFirstToken(chosen)).toEqual({ created: false });
    expect((await whoIs(chosen)).status).toBe(401);
    await testDatabase.database.query({ text: 'TRUNCATE token CASCADE' });
    expect(await served.access.createFirstToken(chosen)).toEqual({ created: true, secret: chosen });
    expect((await whoIs(chosen)).status).toBe(200);
  });

  test('is one, however many starts there are at the same time', async () => {
    const other = await serveAccessControl({ database });
    await testDatabase.database.query({ text: 'TRUNCATE token CASCADE' });
    try {
      const made = await Promise.all([
        served.access.createFirstToken(undefined),
        other.access.createFirstToken(undefined),
      ]);
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      const { rows } = await database.query({ text: 'SELECT FROM token' });
      expect(rows).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });
});

describe('a token', () => {
  test('is told once, listed without its secret, and kept as a hash', async () => {
    const made = await makeToken({
      name: 'grafana',
      scope: 'team=web',
      expires_at: served.clock.ms + DAY,
    });
    expect(made).toMatchObject({ name: 'grafana', role: 'viewer', scope: 'team=web' });
    const listed = await served.app.ask('/v1/tokens', { token: served.adminToken });
    expect(listed.text).not.toContain(made.token);
    const { token: _, ...rest } = made;
    expect(await listTokens()).toContainEqual(rest);
    const { rows } = await database.query({
      text: 'SELECT to_jsonb(token)::text AS row FROM token',
    });
    expect(JSON.stringify(rows)).not.toContain(made.token.slice(3));
  });

  test('survives a restart, with its scope', async () => {
    const { token } = await makeToken({ scope: 'team=web' });
    await restart();
    expect((await whoIs(token)).json()).toMatchObject({ actor: { scope: 'team=web' } });
  });

  test.each([
    [{ scope: 'a b' }, 'scope: "a b" is no selector'],
    [{ expires_at: 5 }, 'expires_at: must be in the future'],
    [{ role: 'root' }, 'role: Invalid option'],
    [{ name: 'a\nb' }, 'name: must not contain control characters'],
    [{ name: 'a\ud800' }, 'name: must not contain control characters or halves of characters'],
    [{ id: 'x' }, 'id: is no field here'],
  ])('with %o is refused', async (fields, message) => {
    const reply = await served.app.ask('/v1/tokens', {
      method: 'POST',
      token: served.adminToken,
      json: { name: 'a', role: 'viewer', ...fields },
    });
    expect(reply.status).toBe(422);
    expect(messageOf(reply)).toContain(message);
  });

  test('ends at its time, and those who listen learn of it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    await restart();
    const { token, id } = await makeToken({ expires_at: served.clock.ms + HOUR });
    const ended: string[] = [];
    served.access.authenticator.onEnded((actorId) => ended.push(actorId));
    const found = served.access.authenticator.authenticate({ token });
    if (!found.ok) throw new Error('the token is not known');
    expect(served.access.authenticator.stillValid(found.actor)).toBe(true);
    served.clock.ms += HOUR;
    expect((await whoIs(token)).status).toBe(401);
    expect(served.access.authenticator.stillValid(found.actor)).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    await waitUntil('the end is told', () => ended.includes(id));
  });

  test('works while the database is away, and changes do not', async () => {
    const { token, id } = await makeToken({});
    const { cookie } = await signIn({ token });
    isDown = true;
    expect((await whoIs(token)).status).toBe(200);
    expect(await statusWith(cookie)).toBe(200);
    expect(outcomeOf(await revoke(id))).toBe('503 database_unavailable');
    expect((await postSession({ token })).status).toBe(503);
    expect((await whoIs(token)).status).toBe(200);
  });

  test('that is revoked ends at once, with its sessions, and they learn of it', async () => {
    const { token, id } = await makeToken({});
    const { cookie, session } = await signIn({ token });
    const ended: string[] = [];
    served.access.authenticator.onEnded((actorId) => ended.push(actorId));
    expect((await revoke(id)).status).toBe(204);
    expect(ended.toSorted()).toEqual([id, session.actor.id].toSorted());
    expect((await whoIs(token)).status).toBe(401);
    expect(await statusWith(cookie)).toBe(401);
    expect(outcomeOf(await revoke(id))).toBe('404 token_not_found');
    await restart();
    expect(await statusWith(cookie)).toBe(401);
  });

  test('that was deleted by hand ends within a minute', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    await restart();
    const { token, id } = await makeToken({});
    await database.query({ text: 'DELETE FROM token WHERE id = $1::uuid', values: [id] });
    await vi.advanceTimersByTimeAsync(60_000);
    await waitUntil('the token has ended', async () => (await whoIs(token)).status === 401);
    expect(await listTokens()).toHaveLength(1);
  });

  test('whose scope nobody can read opens nothing', async () => {
    const { token } = await makeToken({ scope: 'team=web' });
    await database.query({ text: `UPDATE token SET scope = '((' WHERE scope IS NOT NULL` });
    await restart();
    expect((await whoIs(token)).status).toBe(401);
  });

  test('says when it was last used, to the minute, also after a restart', async () => {
    const { token, id } = await makeToken({});
    const lastUsed = async (): Promise<number | null | undefined> =>
      (await listTokens()).find((other) => other.id === id)?.last_used_at;
    expect(await lastUsed()).toBeNull();
    served.clock.ms += 61_000;
    await whoIs(token);
    const minute = Math.floor(served.clock.ms / 60_000) * 60_000;
    expect(await lastUsed()).toBe(minute);
    await restart();
    expect(await lastUsed()).toBe(minute);
  });

  test.each(['Basic abc', 'Bearer', 'Bearer ', 'bearer a b', `Bearer ${'x'.repeat(300)}`, 'ik_'])(
    'must be sent as a bearer, not as %s',
    async (authorization) => {
      const { cookie } = await signIn({ token: served.adminToken });
      // Also with a good cookie beside it: what is shown first counts.
      const reply = await served.app.ask('/v1/session', { headers: { authorization, cookie } });
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toContain('Bearer');
    },
  );
});

describe('the last admin token', () => {
  const adminId = async (): Promise<string> =>
    (await listTokens()).find(({ name }) => name === 'admin')?.id ?? '';

  test('cannot be revoked, and one with a scope or an end in the past does not count', async () => {
    await makeToken({ role: 'admin', scope: 'team=web' });
    await makeToken({ role: 'admin', expires_at: served.clock.ms + 1000 });
    served.clock.ms += 2000;
    const reply = await revoke(await adminId());
    expect(outcomeOf(reply)).toBe('409 last_admin');
    await makeToken({ role: 'admin' });
    expect((await revoke(await adminId())).status).toBe(204);
  });

  test('stays when two revoke each other at the same time', async () => {
    const other = await makeToken({ role: 'admin' });
    const replies = await Promise.all([revoke(other.id), revoke(await adminId())]);
    expect(replies.map(outcomeOf).toSorted()).toEqual(['204', '409 last_admin']);
  });
});

describe('a session', () => {
  test('is opened with a token, and its cookie is out of reach', async () => {
    const { reply, setCookie, session } = await signIn({ token: served.adminToken });
    expect(reply.status).toBe(201);
    expect(setCookie).toMatch(
      /^innkeeper_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/u,
    );
    expect(session).toMatchObject({
      actor: { kind: 'session', name: 'admin', role: 'admin', scope: null },
      expires_at: served.clock.ms + 12 * HOUR,
    });
    expect(session.csrf_token).toMatch(/^[\w-]{43}$/u);
    expect(reply.text).not.toContain(setCookie.slice(18, 61));
  });

  test('has a cookie for https only, where the public URL is https', async () => {
    await restart({ publicUrl: new URL('https://inn.example') });
    const { setCookie } = await signIn({ token: served.adminToken });
    expect(setCookie).toMatch(/; Secure$/u);
  });

  test('changes things only with its CSRF token', async () => {
    const { cookie, session } = await signIn({ token: served.adminToken });
    const post = (headers: Record<string, string>): Promise<HttpReply> =>
      served.app.ask('/v1/tokens', {
        method: 'POST',
        json: { name: 'b', role: 'viewer' },
        headers: { cookie, ...headers },
      });
    for (const headers of [{}, { 'x-csrf-token': 'x' }, { 'x-csrf-token': '' }]) {
      expect(outcomeOf(await post(headers))).toBe('403 csrf_token_wrong');
    }
    expect((await post({ 'x-csrf-token': session.csrf_token ?? '' })).status).toBe(201);
    expect((await served.app.ask('/v1/tokens', { headers: { cookie } })).status).toBe(200);
  });

  test('ends after twelve hours without use, and after seven days of use', async () => {
    const { cookie } = await signIn({ token: served.adminToken });
    for (let halfDay = 0; halfDay < 14; halfDay += 1) {
      served.clock.ms += 12 * HOUR - 1;
      expect(await statusWith(cookie)).toBe(200);
    }
    served.clock.ms += 14;
    expect(await statusWith(cookie)).toBe(401);
    const second = await signIn({ token: served.adminToken });
    served.clock.ms += 12 * HOUR;
    expect(await statusWith(second.cookie)).toBe(401);
  });

  test('is deleted once it has ended', async () => {
    await signIn({ token: served.adminToken });
    served.clock.ms += 7 * DAY;
    await restart();
    const { rows } = await database.query({ text: 'SELECT FROM session' });
    expect(rows).toEqual([]);
  });

  test('survives a restart, with when it was last used', async () => {
    const { cookie } = await signIn({ token: served.adminToken });
    served.clock.ms += 11 * HOUR;
    expect(await statusWith(cookie)).toBe(200);
    await restart();
    served.clock.ms += 11 * HOUR;
    expect(await statusWith(cookie)).toBe(200);
  });

  test('is used by a connection that stays open, and ends with it after a week', async () => {
    const { cookie, session } = await signIn({ token: served.adminToken });
    const { authenticator } = served.access;
    const found = authenticator.authenticate({ cookie });
    if (!found.ok) throw new Error('the session is not known');
    expect(found.actor.id).toBe(session.actor.id);
    for (let halfDay = 0; halfDay < 13; halfDay += 1) {
      served.clock.ms += 12 * HOUR - 1;
      expect(authenticator.stillValid(found.actor)).toBe(true);
    }
    served.clock.ms += 12 * HOUR;
    expect(authenticator.stillValid(found.actor)).toBe(false);
  });

  test('ends with its token', async () => {
    const { token } = await makeToken({ expires_at: served.clock.ms + HOUR });
    const { cookie, setCookie, session } = await signIn({ token });
    expect(setCookie).toContain('Max-Age=3600;');
    expect(session.expires_at).toBe(served.clock.ms + HOUR);
    served.clock.ms += HOUR;
    expect(await statusWith(cookie)).toBe(401);
  });

  test('ends by signing out, which needs the CSRF token and works again and again', async () => {
    const { cookie, session } = await signIn({ token: served.adminToken });
    const ended: string[] = [];
    served.access.authenticator.onEnded((id) => ended.push(id));
    const signOut = (csrf: string): Promise<HttpReply> =>
      served.app.ask('/v1/session', {
        method: 'DELETE',
        headers: { cookie, 'x-csrf-token': csrf },
      });
    expect((await signOut('wrong')).status).toBe(403);
    expect(await statusWith(cookie)).toBe(200);
    const out = await signOut(session.csrf_token ?? '');
    expect(out.status).toBe(204);
    expect(out.headers['set-cookie']).toEqual([
      'innkeeper_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ]);
    expect(ended).toEqual([session.actor.id]);
    expect(await statusWith(cookie)).toBe(401);
    expect((await signOut('')).status).toBe(204);
    expect((await served.app.ask('/v1/session', { method: 'DELETE' })).status).toBe(204);
  });

  test('makes the least used of twenty others of its token end', async () => {
    const { token } = await makeToken({});
    const other = await signIn({ token: served.adminToken });
    const cookies: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      served.clock.ms += 1000;
      cookies.push((await signIn({ token })).cookie);
    }
    const [first = '', second = ''] = cookies;
    expect(await statusWith(first)).toBe(200);
    // The look at the first one just now was a use of it, so that the second one has to go.
    await signIn({ token });
    expect(await statusWith(first)).toBe(200);
    expect(await statusWith(second)).toBe(401);
    expect(await statusWith(other.cookie)).toBe(200);
  });
});

describe('the sign-in link', () => {
  test('signs in once, as an admin', async () => {
    const code = served.access.signInCode;
    expect(code).toMatch(/^[\w-]{43}$/u);
    const both = await Promise.all([postSession({ code }), postSession({ code })]);
    expect(both.map(outcomeOf).toSorted()).toEqual(['201', '401 sign_in_failed']);
    const session = both.find(({ status }) => status === 201);
    expect(session?.json()).toMatchObject({ actor: { name: 'sign-in link', role: 'admin' } });
  });

  test('works no longer after a day', async () => {
    served.clock.ms += DAY;
    expect((await postSession({ code: served.access.signInCode })).status).toBe(401);
  });

  test('is not used up by a database that is away', async () => {
    const code = served.access.signInCode;
    isDown = true;
    expect((await postSession({ code })).status).toBe(503);
    isDown = false;
    expect((await postSession({ code })).status).toBe(201);
  });

  test('is another one after a restart, while its session goes on', async () => {
    const code = served.access.signInCode;
    const { cookie } = await signIn({ code });
    await restart();
    expect(served.access.signInCode).not.toBe(code);
    expect((await postSession({ code })).status).toBe(401);
    expect(await statusWith(cookie)).toBe(200);
  });
});

describe('failed sign-ins', () => {
  test('are limited, which stops nobody who knows the secret', async () => {
    const replies: HttpReply[] = [];
    for (let count = 0; count < 11; count += 1) replies.push(await postSession({ token: 'ik_x' }));
    expect(replies.map(({ status }) => status)).toEqual([...Array<number>(10).fill(401), 429]);
    expect(Number(replies.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
    expect(served.access.failures()).toMatchObject({ sign_in_failed: 10, sign_in_limited: 1 });
    expect((await postSession({ token: served.adminToken })).status).toBe(201);
    served.clock.ms += 60_000;
    expect(outcomeOf(await postSession({ code: 'x' }))).toBe('401 sign_in_failed');
  });

  test('are answered the same while the database is away', async () => {
    isDown = true;
    expect((await postSession({ token: 'ik_x' })).status).toBe(401);
  });

  test.each([
    {},
    { token: '' },
    { code: 'a', token: 'b' },
    { token: 'x'.repeat(257) },
    { code: 5 },
  ])('of %o are no sign-ins at all', async (json) => {
    expect((await postSession(json)).status).toBe(422);
  });
});

test('whatever is done with access is in the audit, without secrets', async () => {
  const { id, token } = await makeToken({ name: 'grafana' });
  const { cookie, session } = await signIn({ token });
  await postSession({ token: 'ik_wrong' });
  const headers = { cookie, 'x-csrf-token': session.csrf_token ?? '' };
  await served.app.ask('/v1/session', { method: 'DELETE', headers });
  await revoke(id);
  const entries = await listAudit();
  expect(entries.map(({ action, actor }) => [action, actor.kind, actor.name])).toEqual([
    ['token.revoke', 'token', 'admin'],
    ['session.end', 'session', 'grafana'],
    ['session.refuse', 'system', 'manager'],
    ['session.open', 'session', 'grafana'],
    ['token.create', 'token', 'admin'],
    ['token.create', 'system', 'manager'],
  ]);
  expect(entries[0]).toMatchObject({
    target: { kind: 'token', id, name: 'grafana' },
    remote_address: '127.0.0.1',
  });
  for (const secret of [token, 'ik_wrong', cookie, session.csrf_token]) {
    expect(JSON.stringify(entries)).not.toContain(secret);
  }
});
