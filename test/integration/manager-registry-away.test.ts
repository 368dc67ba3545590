/** The registry while Postgres goes away and comes back, and with ten thousand VMs. */
import { pageOf, vmSchema } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../apps/manager/src/database/migrate.ts';
import { openDatabase, type OpenedDatabase } from '../../apps/manager/src/database/pool.ts';
import { MIGRATIONS_DIR, startTestServer, type TestServer } from '../support/postgres.ts';
import { serveRegistry, type RegistryApi } from '../support/registry-api.ts';
import { makeActor } from '../support/registry-fixtures.ts';
import { makeRegistries, silentLog, type Registries } from '../support/registry-harness.ts';
import { waitUntil } from '../support/wait-until.ts';

const FLEET = 10_000;

describe('a registry of ten thousand VMs', () => {
  let server: TestServer;
  let database: OpenedDatabase;
  let registries: Registries;
  let api: RegistryApi;

  beforeAll(async () => {
    server = await startTestServer();
    const address = { url: server.url };
    const migrated = await migrate({ address, folder: MIGRATIONS_DIR, log: silentLog });
    if (!migrated.ok) throw new Error(migrated.problem);
    const first = openDatabase({ address, log: silentLog });
    // The servers of tests answer before they have written anything, which a kill then takes along.
    await first.query({ text: 'ALTER DATABASE postgres SET synchronous_commit = on' });
    await first.close();
    database = openDatabase({ address, log: silentLog, connectTimeoutMs: 1000 });
    await database.query({
      text: `INSERT INTO vm (name, guest_ip, labels)
        SELECT 'vm-' || n, '10.0.0.0'::inet + n, jsonb_build_object('team', 't' || n % 10)
        FROM generate_series(1, $1::integer) AS n`,
      values: [FLEET],
    });
    registries = makeRegistries(database);
    await registries.hosts.load();
    await registries.vms.load();
    api = await serveRegistry({ registries, actors: { admin: makeActor('admin') } });
  }, 120_000);
  afterAll(async () => {
    await api.stop();
    await registries.changes.stop();
    await database.close();
    await server.remove();
  });

  const ask = (method: string, path: string, json?: unknown) =>
    api.app.ask(path, { method, token: 'admin', ...(json !== undefined && { json }) });
  const names = async (query: string) =>
    pageOf(vmSchema)
      .parse((await ask('GET', `/v1/vms${query}`)).json())
      .items.map(({ name }) => name);

  it('finds any of them', async () => {
    expect(await names('?limit=3')).toEqual(['vm-1', 'vm-2', 'vm-3']);
    expect(await names('?limit=2&order=desc')).toEqual(['vm-10000', 'vm-9999']);
    expect(await names('?search=VM-9999')).toEqual(['vm-9999']);
    expect(await names('?labels=team%3Dt7&limit=2')).toEqual(['vm-7', 'vm-17']);
  });

  it('shows every one of them once on its pages', async () => {
    const seen = new Set<string>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const reply = await ask('GET', `/v1/vms?limit=1000${query}`);
      const page = pageOf(vmSchema).parse(reply.json());
      for (const { id } of page.items) seen.add(id);
      cursor = page.next_cursor;
    }
    expect(seen.size).toBe(FLEET);
  });

  it('goes on answering without Postgres, refuses changes, and agrees with it afterwards', async () => {
    const [first] = [...registries.vms.all()];
    const path = `/v1/vms/${first?.id ?? ''}`;
    await server.kill9();
    const refused = await Promise.all([
      ask('POST', '/v1/vms', { name: 'new' }),
      ask('PATCH', path, { name: 'renamed' }),
      ask('POST', `${path}/guest-ip`, { guest_ip: '10.200.0.1' }),
      ask('DELETE', path),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(await names('?limit=2')).toEqual(['vm-1', 'vm-2']);
    expect((await ask('GET', path)).status).toBe(200);

    // Children of a postmaster that was killed hold its memory until they notice.
    const starts = () =>
      server.start().then(
        () => true,
        () => false,
      );
    await waitUntil('Postgres starts again', starts, 20_000);
    // Somebody has changed it meanwhile: memory notices by itself.
    const text = `UPDATE vm SET name = 'by-hand' WHERE id = $1::uuid`;
    await waitUntil('Postgres is back', async () => {
      const done = await database.query({ text, values: [first?.id] }).catch(() => undefined);
      return done?.rowCount === 1;
    });
    await waitUntil(
      'memory agrees',
      async () => (await names('?search=by-hand')).length === 1,
      10_000,
    );
    expect((await ask('PATCH', path, { name: 'renamed' })).status).toBe(200);
    expect((await ask('POST', '/v1/vms', { name: 'new' })).status).toBe(201);
  }, 60_000);
});
