/**
 * The tables that the migrations make, on each version of Postgres that this machine has, compared
 * with what they were when somebody last looked. `npm test -- -u` writes the file anew.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { migrate } from '../../apps/manager/src/database/migrate.ts';
import { openDatabase } from '../../apps/manager/src/database/pool.ts';
import { keepLog } from '../support/postgres-log.ts';
import { describeSchema } from '../support/postgres-schema.ts';
import { MIGRATIONS_DIR, startTestServer, type TestServer } from '../support/postgres.ts';

const GOLDEN = join(import.meta.dirname, 'schema', 'schema.txt');
const files = readdirSync(MIGRATIONS_DIR);

// Debian 12 has the one, the npm package the other.
describe.each([15, 18])('Postgres %i', (version) => {
  let server: TestServer | undefined;
  afterAll(async () => server?.remove());

  const start = async (context: TestContext): Promise<TestServer> => {
    try {
      server = await startTestServer({ version });
      return server;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!/no Postgres \d+ was found/u.test(why)) throw error;
      return context.skip(`Postgres ${version}: to have it, install postgresql-${version}`);
    }
  };

  test('every migration goes up, down to nothing, and up again', async (context) => {
    const { url } = await start(context);
    const log = keepLog();
    const options = { address: { url }, folder: MIGRATIONS_DIR, log };
    const database = openDatabase(options);
    try {
      const up = await migrate(options);
      expect(up).toStrictEqual({ ok: true, ran: files.map((file) => file.replace('.sql', '')) });
      const schema = await describeSchema(database);
      await expect(schema).toMatchFileSnapshot(GOLDEN);
      expect(await migrate(options)).toStrictEqual({ ok: true, ran: [] });

      for (const file of files.toReversed()) {
        const down = await migrate({ ...options, direction: 'down' });
        expect(down).toStrictEqual({ ok: true, ran: [file.replace('.sql', '')] });
      }
      expect(await describeSchema(database)).not.toMatch(/^TABLE (?!migration$)/mu);

      expect(await migrate(options)).toStrictEqual(up);
      expect(await describeSchema(database)).toBe(schema);
      expect(log.lines.filter((line) => /^(?:warn|error)/u.test(line))).toStrictEqual([]);
    } finally {
      await database.close();
    }
  });
});
