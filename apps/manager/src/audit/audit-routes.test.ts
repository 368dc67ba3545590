import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditEntrySchema, pageOf } from '@innkeeper/protocol';
import { z } from 'zod';
import {
  serveAccessControl,
  type AccessControlled,
} from '../../../../test/support/http-access-control.ts';
import type { HttpReply } from '../../../../test/support/http-client.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { recordAudit } from './audit.ts';

let testDatabase: TestDatabase;
let served: AccessControlled;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  served = await serveAccessControl({ database: testDatabase.database });
  for (let count = 1; count <= 25; count += 1) {
    await recordAudit(testDatabase.database, {
      actor: undefined,
      action: count % 2 === 0 ? 'vm.update' : 'host.update',
      target: { kind: count % 2 === 0 ? 'vm' : 'host', id: `id-${count % 5}`, name: undefined },
      detail: { count, text: `'; DROP TABLE audit; --\u2028` },
      request: undefined,
    });
  }
});
afterAll(async () => {
  await served.stop();
  await testDatabase.drop();
});

const ask = (query: string): Promise<HttpReply> =>
  served.app.ask(`/v1/audit${query}`, { token: served.adminToken });
const list = async (query: string) => pageOf(auditEntrySchema).parse((await ask(query)).json());
const countsOf = ({ items }: Awaited<ReturnType<typeof list>>): unknown[] =>
  items.map(({ detail }) => detail['count']);

describe('the audit', () => {
  test('comes newest first, page by page, without a gap or a repeat', async () => {
    const seen: unknown[] = [];
    let query = '?limit=10';
    for (let pages = 1; ; pages += 1) {
      const page = await list(query);
      seen.push(...countsOf(page));
      if (page.next_cursor === null) {
        expect(pages).toBe(3);
        break;
      }
      query = `?limit=10&cursor=${page.next_cursor}`;
    }
    // The last one is the making of the first token.
    expect(seen).toEqual([...Array.from({ length: 25 }, (_, n) => 25 - n), undefined]);
  });

  test.each([
    ['?action=vm.update', (count: number) => count % 2 === 0],
    ['?target_kind=host', (count: number) => count % 2 === 1],
    ['?target_kind=vm&target_id=id-4', (count: number) => count % 2 === 0 && count % 5 === 4],
    ['?target_id=id-0&action=host.update', (count: number) => count % 2 === 1 && count % 5 === 0],
    ['?action=%27%3B--', () => false],
  ])('can be narrowed by %s', async (query, fits) => {
    const all = Array.from({ length: 25 }, (_, n) => 25 - n);
    expect(countsOf(await list(query))).toEqual(all.filter((count) => fits(count)));
  });

  test.each([
    '?limit=0',
    '?limit=1001',
    '?limit=1e2',
    '?cursor=x',
    '?cursor=9999999999999999999',
    '?action=',
    '?action=%00',
    '?target_id=%00',
    '?target_kind=%00',
  ])('refuses %s', async (query) => {
    expect((await ask(query)).status).toBe(422);
  });

  test('comes whole as lines of JSON, and says that it is complete', async () => {
    const reply = await ask('/download?action=vm.update');
    expect(reply.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect(reply.headers['content-disposition']).toBe('attachment; filename="audit.ndjson"');
    const lines = reply.text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const { items } = await list('?action=vm.update&limit=1000');
    expect(lines).toEqual([...items, { trailer: true, complete: true, reason: null }]);
  });

  test('comes whole as a table', async () => {
    const reply = await ask('/download?format=csv&target_kind=vm');
    expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8');
    const rows = reply.text.trimEnd().split('\r\n');
    expect(rows[0]).toMatch(/^"id","at","actor_kind",/u);
    expect(rows).toHaveLength(13);
    expect(rows[1]).toContain('"vm.update","vm","id-4"');
  });

  test.each([1999, 2000])('comes whole where it is %i entries', async (count) => {
    await testDatabase.database.query({
      text: `
        INSERT INTO audit (actor_kind, actor_name, action, detail)
        SELECT 'system', 'manager', $1::text, '{}' FROM generate_series(1, $2::int)`,
      values: [`bulk.${count}`, count],
    });
    const { text } = await ask(`/download?action=bulk.${count}`);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const entries = z.array(auditEntrySchema).parse(lines.slice(0, -1));
    expect(new Set(entries.map(({ id }) => id)).size).toBe(count);
    expect(lines.at(-1)).toMatchObject({ complete: true });
  });

  test.each(['?format=xml', '?limit=5', '?cursor=3'])('has no download %s', async (query) => {
    expect((await ask(`/download${query}`)).status).toBe(422);
  });

  test('is rolled back with the change that it tells of', async () => {
    const before = await list('');
    const change = testDatabase.database.transaction(async (transaction) => {
      await recordAudit(transaction, {
        actor: undefined,
        action: 'vm.delete',
        target: undefined,
        detail: {},
        request: undefined,
      });
      throw new Error('the change failed');
    });
    await expect(change).rejects.toThrow('the change failed');
    expect(await list('')).toEqual(before);
  });
});
